/** Single scores of each arm, for figures that show how they lie and not only their mean. */
import { endScores } from "../../stats/rates.ts";
import type { TrialFacts } from "../outcomes.ts";

export interface ArmScores {
  arm: string;
  /** Of each scored trial. */
  firstScores: number[];
  /** Last less first score of each multi-attempt trial. */
  changes: number[];
}

export function armScores({
  arm,
  trials,
  excludeDegraded,
}: {
  arm: string;
  trials: readonly TrialFacts[];
  excludeDegraded: boolean;
}): ArmScores {
  const ends = trials
    .filter(({ outcome }) => !(excludeDegraded && outcome.degraded === true))
    .flatMap(({ outcome }) => endScores(outcome) ?? []);
  return {
    arm,
    firstScores: ends.map(({ first }) => first),
    changes: ends.filter(({ attempts }) => attempts >= 2).map(({ first, last }) => last - first),
  };
}
