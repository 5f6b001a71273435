/**
 * Reads latents at each token of a stored trial, under the very edits that it was generated with. The stored tokens are fed, nothing is sampled
 * (METHOD.md 8.3, step 4, reads re-templated text without steering instead). What the edits did is compared with the trial's receipt.
 */
import type { CaptureRequest, Intervention, Receipt } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import type { ActivationsRecord, TrialRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { spanOf, startOf } from "./answer-start.ts";
import type { DeclaredArm, Unit } from "./arms.ts";
import { assertSame } from "./assert-same.ts";
import { contrastVectors } from "./contrast-vectors.ts";
import { oneOf } from "./one-of.ts";
import { keyIn } from "./run-trial.ts";
import type { Session } from "./session.ts";
import { type Prepared, trialSetup } from "./trial-setup.ts";

export interface ReplayOptions {
  /** Opened from the run's own configuration. */
  session: Session;
  store: RunStore;
  trial: TrialRecord;
  latents: readonly number[];
  signal?: AbortSignal | undefined;
}

export interface Replay {
  /** As a recording of the generation would have it: rows of the prompt and of every token that was fed. */
  recording: Pick<ActivationsRecord, "rows" | "columns" | "values">;
  receipt: Receipt | null;
}

/** Throws RUNS_UNEQUAL where the session, or what the edits did, is not that of the trial, and REQUEST_INVALID for a trial that failed. */
export async function replayTrial(options: ReplayOptions): Promise<Replay> {
  const { session, store, trial, latents, signal } = options;
  if (trial.error !== null) throw failed(trial);
  assertSame({ store, session, judge: null });
  const arm = session.arms.find(({ name }) => name === trial.arm);
  const unit = unitOf({ session, store, trial });
  if (arm === undefined || unit === null)
    throw unequal({ trial, why: "Its arm or its prompt is not there." });
  const prepared = await preparedFor({ session, arm, unit, trial, signal });
  if (keyIn({ arm, unit, session, prepared }) !== trial.key) {
    throw unequal({ trial, why: "Its settings give a trial with another key." });
  }
  const setup = trialSetup({ arm, unit, session, prepared });
  const { intervention } = setup;
  const prompt = await session.chatOf(setup.messages);
  const tokens = fedTokens({ prompt, trial });
  const promptTokens = prompt.length + (await startLength({ session, store, arm, trial }));
  const { dictionary, layer, engine } = session;
  const request: CaptureRequest = {
    id: trial.key,
    tokens,
    promptTokens,
    layer,
    what: { kind: "latents", sae: dictionary.path, latents: [...latents] },
    ...(intervention === null ? {} : { intervention: placed({ intervention, trial }) }),
    ...(arm.adapter === null ? {} : { adapter: arm.adapter.path }),
  };
  const capture = await oneOf(engine.capture([request], signal ? { signal } : {}));
  const differing = receiptDifferences({ stored: trial.receipt, replayed: capture.receipt });
  if (differing.length > 0) {
    throw unequal({ trial, why: `The edits did something else than in the run: ${differing.join("; ")}.` });
  }
  const { rows, values, receipt } = capture;
  return { recording: { rows, columns: [...latents], values }, receipt };
}

function unitOf({ session, store, trial }: Pick<ReplayOptions, "session" | "store" | "trial">): Unit | null {
  const { latent, promptIndex, seed, unit: key } = trial;
  const prompt = session.prompts.evaluation[promptIndex];
  if (latent === null || prompt === undefined) return null;
  return { key, latent, strength: store.threshold(latent)?.strength ?? 0, promptIndex, prompt, seed };
}

/** Strengths that were measured over the whole run are those that the trial had. */
async function preparedFor({
  session,
  arm,
  unit,
  trial: { strength },
  signal,
}: {
  session: Session;
  arm: DeclaredArm;
  unit: Unit;
  trial: TrialRecord;
  signal: AbortSignal | undefined;
}): Promise<Prepared> {
  const level = arm.steering?.level;
  return {
    thresholds: { mean: strength, deviation: 0 },
    budgets: new Map(level?.kind === "kl" ? [[unit.latent, new Map([[level.nats, strength]])]] : []),
    vectors:
      arm.steering?.by === "contrast"
        ? await contrastVectors({ session, latents: [unit.latent], signal })
        : new Map(),
  };
}

/** Prompt and answer; the last sampled token was fed only where the end was sampled after it. */
function fedTokens({ prompt, trial }: { prompt: Int32Array; trial: TrialRecord }): Int32Array {
  if (prompt.length !== trial.promptTokens) {
    throw unequal({
      trial,
      why: `Its prompt had ${trial.promptTokens} tokens and now has ${prompt.length}.`,
    });
  }
  const answer = trial.finish === "stop" ? trial.tokens : trial.tokens.subarray(0, -1);
  return Int32Array.from([...prompt, ...answer]);
}

/** Tokens of the start that the answer was given: it is prompt to the engine. */
async function startLength({
  session,
  store,
  arm,
  trial,
}: Pick<ReplayOptions, "session" | "store" | "trial"> & { arm: DeclaredArm }): Promise<number> {
  if (arm.prefill === null) return 0;
  const answerOf = (name: string) => {
    for (const each of store.trials({ arm: name, latent: trial.latent })) {
      if (each.unit === trial.unit) return spanOf(each);
    }
    return null;
  };
  const start = await startOf({ engine: session.engine, prefill: arm.prefill, answerOf });
  if (start === null || start.tokens.some((token, i) => token !== trial.tokens[i])) {
    throw unequal({ trial, why: "Its answer does not begin as its arm says." });
  }
  return start.tokens.length;
}

/** Given tokens are not searched for a phrase; the receipt tells up to where the edit went on. */
function placed({
  intervention,
  trial: { receipt },
}: {
  intervention: Intervention;
  trial: TrialRecord;
}): Intervention {
  if (intervention.positions.kind !== "until-phrase") return intervention;
  return { ...intervention, positions: { kind: "range", start: 0, end: receipt?.rowsEdited ?? 0 } };
}

/** Relative; a machine of another kind sums in another order. */
const TOLERANCE = 1e-3;

/** What the two say differently, one text each. */
export function receiptDifferences({
  stored,
  replayed,
}: {
  stored: Receipt | TrialRecord["receipt"];
  replayed: Receipt | null;
}): string[] {
  if (stored === null || replayed === null) {
    return stored === replayed ? [] : ["one of them was not edited"];
  }
  const pairs: [string, number | null, number | null][] = [
    ["prompt rows edited", stored.promptRows, replayed.promptRows],
    ["generated rows edited", stored.generatedRows, replayed.generatedRows],
    ["mean dose", stored.meanDose, replayed.meanDose],
    ["mean norm before", stored.meanNormBefore, replayed.meanNormBefore],
    ["mean norm after", stored.meanNormAfter, replayed.meanNormAfter],
    ["edits", stored.edits.length, replayed.edits.length],
    ...stored.edits.flatMap((edit, i): [string, number | null, number | null][] => {
      const other = replayed.edits[i];
      return [
        [`rows changed by edit ${i + 1}`, edit.rowsChanged, other?.rowsChanged ?? null],
        [`mean value after edit ${i + 1}`, edit.meanValueAfter, other?.meanValueAfter ?? null],
      ];
    }),
  ];
  return pairs.flatMap(([name, before, now]) =>
    alike(before, now) ? [] : [`${name} ${before}, now ${now}`],
  );
}

function alike(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= TOLERANCE * Math.max(1e-6, Math.abs(a), Math.abs(b));
}

function failed({ key }: TrialRecord): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", {
    what: `Trial ${key} failed and has no answer.`,
    why: "There are no tokens to read.",
    todo: "Choose another trial.",
    facts: { key },
  });
}

function unequal({ trial: { key, arm }, why }: { trial: TrialRecord; why: string }): CountersteerError {
  return new CountersteerError("RUNS_UNEQUAL", {
    what: `Trial ${key} of the arm "${arm}" can't be replayed as it was.`,
    why,
    todo: "Bring back the prompts, files and version that the run was made with.",
    facts: { key, arm },
  });
}
