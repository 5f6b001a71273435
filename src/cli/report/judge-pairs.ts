/** How far every two judges of a run agree, for a report's figure. */
import { CountersteerError } from "../../errors.ts";
import { judgeAgreement, type PairAgreement } from "../../experiment/judge-agreement.ts";
import type { Measure } from "../../judge/agreement.ts";
import type { JudgePair } from "../../report/figures/agreement-figure.ts";
import type { RunStore } from "../../store/run-store.ts";

type MeasureName = {
  [K in keyof PairAgreement]: PairAgreement[K] extends Measure ? K : never;
}[keyof PairAgreement];

/** Those that are 1 at full agreement. */
const MEASURES: [MeasureName, string][] = [
  ["multiAttempt", "kappa: several attempts"],
  ["attempts", "weighted kappa: number of attempts"],
  ["improved", "kappa: improved"],
  ["pearson", "Pearson: first score"],
  ["spearman", "Spearman: first score"],
  ["alpha", "Krippendorff's alpha: first score"],
  ["direction", "equal direction, first to last"],
  ["boundaries", "restarts found again"],
];

/** Empty where one judge alone has judged, or no response was judged by two. */
export function judgePairs({ store, margin }: { store: RunStore; margin: number }): JudgePair[] {
  if (store.judges().length < 2) return [];
  try {
    const { pairs } = judgeAgreement({ store, margin, list: 0 });
    return pairs
      .filter(({ both }) => both > 0)
      .map((pair) => ({
        first: pair.first,
        second: pair.second,
        measures: MEASURES.map(([name, measure]) => {
          const { n, estimate, lower, upper } = pair[name];
          return { measure, n, estimate, lower, upper };
        }),
      }));
  } catch (error) {
    if (error instanceof CountersteerError && error.code === "REQUEST_INVALID") return [];
    throw error;
  }
}
