/** Stored trials as the outcomes that the statistics count (METHOD.md 1.2): what each judgement status means for the denominators. */
import type { ClusteredOutcome } from "../stats/rate-observations.ts";
import type { JudgementStatus } from "../store/records.ts";
import type { JudgedTrial } from "../store/run-store.ts";

export interface TrialFacts {
  row: JudgedTrial;
  /** Only scored judgements enter a rate; every other status is one that the statistics leave out. */
  outcome: ClusteredOutcome;
}

type Unscored = Exclude<JudgementStatus, "scored" | "no-attempt">;
const LEFT_OUT: Record<Unscored, "refused" | "unparsable" | "errored"> = {
  refused: "refused",
  unparsable: "unparsable",
  empty: "unparsable",
  failed: "errored",
};

/** In an order that does not depend on which trial finished first: resamples and examples must be the same after a resume. */
export function trialFacts(rows: Iterable<JudgedTrial>): TrialFacts[] {
  return Array.from(rows, (row) => ({ row, outcome: outcomeOf(row) })).sort((a, b) => {
    const [one, other] = [a.row.trial, b.row.trial];
    return (one.latent ?? -1) - (other.latent ?? -1) || (one.key < other.key ? -1 : 1);
  });
}

function outcomeOf({ trial, judgement }: JudgedTrial): ClusteredOutcome {
  // trials without a latent have no latent to share; what they share is the prompt
  const latent = trial.latent ?? `prompt ${trial.promptIndex}`;
  const shared = { latent, prompt: trial.promptIndex, degraded: trial.degraded };
  if (trial.error !== null || judgement === null) {
    return { ...shared, status: "errored" };
  }
  const { status, attempts } = judgement;
  return status === "scored" || status === "no-attempt"
    ? { ...shared, status: "judged", scores: attempts.map(({ score }) => score) }
    : { ...shared, status: LEFT_OUT[status] };
}
