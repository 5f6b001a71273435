/** What became of a trial, in one word: what the viewer filters and colours by. It counts as `report/outcomes.ts` does. */
import { endScores } from "../stats/rates.ts";
import type { JudgedFact } from "./fact-columns.ts";
import type { JudgementRecord, TrialRecord } from "./records.ts";

export const OUTCOMES = [
  "single-attempt",
  "improved",
  "not-improved",
  "no-attempt",
  "refused",
  "empty",
  "unparsable",
  "failed",
  "unjudged",
  "errored",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Several outcomes at once: the denominators and numerators of rates. */
const OUTCOME_GROUPS = {
  scored: ["single-attempt", "improved", "not-improved"],
  "multi-attempt": ["improved", "not-improved"],
} as const satisfies Record<string, readonly Outcome[]>;

export const OUTCOME_CHOICES = [...OUTCOMES, "scored", "multi-attempt"] as const;
export type OutcomeChoice = (typeof OUTCOME_CHOICES)[number];

/** The outcomes that a choice lets through. */
export function outcomesOf(choice: OutcomeChoice): readonly Outcome[] {
  return choice === "scored" || choice === "multi-attempt" ? OUTCOME_GROUPS[choice] : [choice];
}

export interface OutcomeOptions {
  trial: Pick<TrialRecord, "error">;
  /** null where the judge has not seen the trial. */
  judgement: Pick<JudgementRecord, "status" | "attempts"> | null;
  /** An improvement is last > first + margin, in score points. */
  margin: number;
}

export function outcomeOf({ trial, judgement, margin }: OutcomeOptions): Outcome {
  const scores = (judgement?.attempts ?? []).map(({ score }) => score);
  const ends = endScores({ status: "judged", scores });
  return outcomeOfFact({
    failed: trial.error !== null,
    status: judgement?.status ?? null,
    scored: ends?.attempts ?? 0,
    first: ends?.first ?? null,
    last: ends?.last ?? null,
    margin,
  });
}

/** The same of the facts that the store keeps of a trial. */
export function outcomeOfFact({
  failed,
  status,
  scored,
  first,
  last,
  margin,
}: Pick<JudgedFact, "failed" | "status" | "scored" | "first" | "last"> & { margin: number }): Outcome {
  if (failed) return "errored";
  if (status === null) return "unjudged";
  if (status !== "scored") return status;
  if (scored < 2 || first === null || last === null) return "single-attempt";
  return last - first > margin ? "improved" : "not-improved";
}
