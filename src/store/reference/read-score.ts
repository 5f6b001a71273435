/**
 * What the judge of a result file said of one trial. The reference stores a language model's JSON unchecked (METHOD.md 6.2), so anything may
 * stand there: what can't be read is a judge failure and never an error of the file.
 */
import { JUDGEMENT_STATUSES, type JudgementStatus } from "../records.ts";
import type { ReferenceTrial } from "./schema.ts";

export interface SaidAttempt {
  /** null where the judge gave no text. */
  text: string | null;
  /** 0-100; null where the judge gave none, or none that can be one. */
  score: number | null;
}

export type Said =
  | { kind: "attempts"; attempts: SaidAttempt[]; flawedScores: number; raw: string | null }
  | { kind: "failure"; status: Failure; reason: string; raw: string | null }
  /** In our own exports only: the trial has no response, or no judgement yet. */
  | { kind: "errored"; reason: string }
  | { kind: "unjudged" };

type Failure = Exclude<JudgementStatus, "scored" | "no-attempt">;
const FAILURES: readonly JudgementStatus[] = JUDGEMENT_STATUSES.filter(
  (status) => status !== "scored" && status !== "no-attempt",
);

export function readScore({ score, error, response }: ReferenceTrial): Said {
  const said = isObject(score) ? score : null;
  const raw = typeof said?.raw_response === "string" ? said.raw_response.toWellFormed() : null;
  const reason = textOf(error) ?? textOf(said?.error);
  if (said?.status === "errored" || response === null || response === undefined) {
    return { kind: "errored", reason: reason ?? "The file holds no response." };
  }
  if (reason !== null && said?.status === "unjudged") return { kind: "unjudged" };
  if (reason !== null) {
    return { kind: "failure", status: statusOf(said?.status) ?? failureOf(raw), reason, raw };
  }
  if (said === null) return { kind: "failure", status: "failed", reason: "The file holds no score.", raw };
  if (!Array.isArray(said.attempts)) {
    return {
      kind: "failure",
      status: "unparsable",
      reason: "The judge's JSON has no list of attempts.",
      raw,
    };
  }
  const attempts = said.attempts.map(attemptOf);
  const flawedScores = attempts.filter(({ flawed }) => flawed).length;
  if (attempts.length > 0 && attempts.every((each) => each.score === null)) {
    return { kind: "failure", status: "unparsable", reason: "No attempt has a score from 0 to 100.", raw };
  }
  return {
    kind: "attempts",
    attempts: attempts.map(({ text, score }) => ({ text, score })),
    flawedScores,
    raw,
  };
}

function attemptOf(value: unknown): SaidAttempt & { flawed: boolean } {
  const said = isObject(value) ? value : {};
  const text = typeof said.attempt_text === "string" ? said.attempt_text.toWellFormed() : null;
  const { score } = said;
  if (typeof score === "number" && score >= 0 && score <= 100) return { text, score, flawed: false };
  return { text, score: null, flawed: score !== null && score !== undefined };
}

/** The file does not say why a judge failed: a reply that stands there could not be read. */
function failureOf(raw: string | null): Failure {
  if (raw === null) return "failed";
  return raw.trim() === "" ? "empty" : "unparsable";
}

function statusOf(value: unknown): Failure | null {
  // FAILURES holds exactly the statuses of that type
  return (FAILURES.find((status) => status === value) as Failure | undefined) ?? null;
}

/** Text of an error; null where Python would call it false. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined || value === "" || value === false || value === 0) return null;
  return (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
