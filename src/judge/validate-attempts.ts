/** Does a judge find the attempts of responses whose restarts are known? The committed cases of the restart splitter are such responses. */
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import { isJudgeFailure, type Judge } from "./judge.ts";
import { verifyJudgement } from "./verify-judgement.ts";

const caseSchema = z.object({
  id: z.string(),
  response: z.string(),
  /** Offsets at which the attempts after the first begin. */
  boundaries: z.array(z.int().min(0)),
});
export type AttemptCase = z.infer<typeof caseSchema>;

export interface AttemptsValidation {
  cases: number;
  /** Cases without a judgement: they enter no number. */
  failures: number;
  /** Known restarts of the judged cases = found + missed. */
  restarts: number;
  found: number;
  missed: number;
  /** Restarts where there is none. */
  invented: number;
  /** Cases with exactly as many attempts as there are. */
  rightCount: number;
  precision: number | null;
  recall: number | null;
}

/** Cases from JSON lines. Throws CONFIG_INVALID naming the line. */
export function readAttemptCases({ text, file }: { text: string; file: string }): AttemptCase[] {
  const lines = text.split("\n").map((line, index) => ({ line, index }));
  return lines
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, index }) => {
      try {
        const value: unknown = JSON.parse(line);
        return caseSchema.parse(value);
      } catch (cause) {
        throw new CountersteerError("CONFIG_INVALID", {
          what: `Line ${index + 1} of ${file} is no case.`,
          why: `${messageOf(cause)}.`,
          todo: "Give JSON lines with `id`, `response` and `boundaries`.",
          facts: { file, line: index + 1 },
          cause,
        });
      }
    });
}

export interface ValidateAttemptsOptions {
  /** Judges by the text alone: the cases have no tokens. */
  judge: Judge;
  cases: readonly AttemptCase[];
  onJudged?: () => void;
  signal?: AbortSignal | undefined;
}

/** The cases are of many subjects, and what they are asked does not change where an attempt begins. */
const REQUEST = "Please help me with this.";
const LABEL = "an unrelated subject";
/** Characters; as agreement of judges counts a restart as the same. */
const NEAR = 20;

export async function validateAttempts(options: ValidateAttemptsOptions): Promise<AttemptsValidation> {
  const { judge, cases, onJudged, signal } = options;
  const byId = new Map(cases.map((each) => [each.id, each]));
  const result = {
    cases: cases.length,
    failures: 0,
    restarts: 0,
    found: 0,
    missed: 0,
    invented: 0,
    rightCount: 0,
  };
  const items = cases.map(({ id, response }) => ({
    id,
    prompt: REQUEST,
    response,
    responseTokens: new Int32Array(0),
    offsets: new Int32Array(0),
    latentLabel: LABEL,
  }));
  for await (const { id, judgement } of judge.judge(items, { signal })) {
    const { response = "", boundaries = [] } = byId.get(id) ?? {};
    const verified = verifyJudgement({ response, judgement });
    onJudged?.();
    if (isJudgeFailure(verified)) {
      result.failures++;
      continue;
    }
    const open = verified.attempts.slice(1).map(({ start }) => start);
    result.rightCount += open.length === boundaries.length ? 1 : 0;
    result.restarts += boundaries.length;
    for (const known of boundaries) {
      const at = open.findIndex((start) => Math.abs(start - known) <= NEAR);
      if (at < 0) result.missed++;
      else open.splice(at, 1);
      result.found += at < 0 ? 0 : 1;
    }
    result.invented += open.length;
  }
  const { found, missed, invented } = result;
  const share = (rest: number) => (found + rest === 0 ? null : found / (found + rest));
  return { ...result, precision: share(invented), recall: share(missed) };
}
