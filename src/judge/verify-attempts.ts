/** Holds a judge to the text: an attempt that is not there is no attempt (DESIGN.md, invariant 8). */
import type { Attempt } from "./judge.ts";

export type RejectionReason = "out-of-bounds" | "overlapping" | "phrase-absent" | "score-out-of-range";

export interface RejectedAttempt {
  attempt: Attempt;
  reason: RejectionReason;
}

export interface VerifiedAttempts {
  /** In the order of the text. */
  accepted: Attempt[];
  rejected: RejectedAttempt[];
}

export interface VerifyAttemptsOptions {
  response: string;
  /** In the judge's order, which must be that of the text: "first" and "last" are read off it. */
  attempts: readonly Attempt[];
}

/**
 * Splits a judge's attempts into those that the response contains and those that it doesn't. An attempt needs a non-empty span inside
 * the response, after the accepted attempt before it, and its restart phrase at its start; a score needs to be null or in 0-100.
 */
export function verifyAttempts({ response, attempts }: VerifyAttemptsOptions): VerifiedAttempts {
  const accepted: Attempt[] = [];
  const rejected: RejectedAttempt[] = [];
  for (const attempt of attempts) {
    const reason = flawOf({ response, attempt, from: accepted.at(-1)?.end ?? 0 });
    if (reason === null) accepted.push(attempt);
    else rejected.push({ attempt, reason });
  }
  return { accepted, rejected };
}

interface FlawOptions {
  response: string;
  attempt: Attempt;
  /** End of the accepted attempt before. */
  from: number;
}

function flawOf({ response, attempt, from }: FlawOptions): RejectionReason | null {
  const { start, end, restartPhrase, score } = attempt;
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (!whole || start < 0 || start >= end || end > response.length) return "out-of-bounds";
  if (start < from) return "overlapping";
  if (restartPhrase !== null && !isPhraseAt({ response, restartPhrase, start, end })) return "phrase-absent";
  if (score !== null && !(score >= 0 && score <= 100)) return "score-out-of-range";
  return null;
}

interface PhraseOptions {
  response: string;
  restartPhrase: string;
  start: number;
  end: number;
}

function isPhraseAt({ response, restartPhrase, start, end }: PhraseOptions): boolean {
  return (
    restartPhrase !== "" && start + restartPhrase.length <= end && response.startsWith(restartPhrase, start)
  );
}
