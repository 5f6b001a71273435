/** What a stored run tells about the next one: how alike the trials of a latent are, and how alike a unit's outcomes in two arms. */
import type { ClusterId } from "../stats/clusters.ts";
import { pearson } from "../stats/correlation.ts";
import { designEffect } from "../stats/design-effect.ts";
import { rateObservations } from "../stats/rate-observations.ts";
import type { RunStore } from "../store/run-store.ts";
import { storedFacts } from "./outcomes.ts";

export interface ObservedClustering {
  /** Of each arm; null where it can't be estimated, as with no success at all. */
  icc: { arm: string; icc: number | null; trials: number; successes: number }[];
  /** Of the first arm with each other; null without variance. */
  correlation: { arms: [string, string]; correlation: number | null; pairs: number }[];
}

interface ObservedUnit {
  unit: string;
  value: number;
  cluster: ClusterId;
}

export function observedClustering({
  store,
  outcome,
}: {
  store: RunStore;
  outcome: "esr" | "multi-attempt";
}): ObservedClustering {
  const byArm = new Map<string, ObservedUnit[]>(store.arms().map(({ name }) => [name, []]));
  for (const { row, outcome: each } of storedFacts({ store }).all) {
    const units = byArm.get(row.arm) ?? [];
    byArm.set(row.arm, units);
    const [observation] = rateObservations({ outcomes: [each], rate: outcome });
    if (observation === undefined) continue;
    units.push({ unit: row.unit, value: observation.numerator, cluster: observation.cluster });
  }
  const [first = "", ...others] = byArm.keys();
  const reference = new Map((byArm.get(first) ?? []).map(({ unit, value }) => [unit, value]));
  return {
    icc: [...byArm].map(([arm, units]) => ({
      arm,
      icc: designEffect({ observations: units }).icc,
      trials: units.length,
      successes: units.reduce((sum, { value }) => sum + value, 0),
    })),
    correlation: others.map((arm) => {
      const pairs = (byArm.get(arm) ?? []).flatMap(({ unit, value }) => {
        const other = reference.get(unit);
        return other === undefined ? [] : [[other, value] as const];
      });
      const { r } = pearson({ x: pairs.map(([a]) => a), y: pairs.map(([, b]) => b) });
      const arms: [string, string] = [first, arm];
      return { arms, correlation: r, pairs: pairs.length };
    }),
  };
}
