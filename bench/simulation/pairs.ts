/** Two arms over the same units: how often tests reject a difference that isn't there, and intervals hold the one that is. */
import { clusterDifference } from "../../src/stats/cluster-difference.ts";
import { clusterPermutation } from "../../src/stats/cluster-permutation.ts";
import { compareRates } from "../../src/stats/compare-rates.ts";
import { mcnemarExact, pairedTable } from "../../src/stats/mcnemar.ts";
import { createRng } from "../../src/stats/rng.ts";
import { latentRate } from "./clustered-trials.ts";

export interface PairCell {
  latents: number;
  trialsPerLatent: number;
  rate: number;
  icc: number;
  /**
   * `none`: a pair's arms are exchangeable. `by-latent`: each latent has its own effect, up for some and down for others, which is no
   * difference on average but makes pairs of a latent alike.
   */
  effect: "none" | "by-latent";
  simulations: number;
  /** Share of simulations with p <= 0.05. */
  rejected: Record<string, number>;
  /** Share of simulations in which the 95 % interval of the difference held 0. */
  coverage: Record<string, number>;
}

const BOOTSTRAP_SHARE = 4;

export function pairCell(options: Omit<PairCell, "rejected" | "coverage">): PairCell {
  const { latents, trialsPerLatent, rate, icc, effect, simulations } = options;
  const rng = createRng({ seed: Math.round(1e6 * rate + 1e3 * icc + latents + (effect === "none" ? 0 : 7)) });
  const rejected: Record<string, number> = { "unpaired z": 0, mcnemar: 0, permutation: 0 };
  const held: Record<string, [number, number]> = {};
  const reject = (test: string, p: number) => {
    rejected[test] = (rejected[test] ?? 0) + Number(p <= 0.05) / simulations;
  };
  const hold = (method: string, lower: number | null, upper: number | null) => {
    const [hits, of] = held[method] ?? [0, 0];
    held[method] = [hits + Number((lower ?? -1) <= 0 && 0 <= (upper ?? 1)), of + 1];
  };
  for (let s = 0; s < simulations; s++) {
    const pairs = Array.from({ length: latents }, (_, cluster) => {
      const shared = latentRate({ rate, icc, rng });
      // drawn anew for each arm, a latent's rate differs between the arms but not on average
      const [a, b] =
        effect === "none"
          ? [shared, shared]
          : [latentRate({ rate, icc, rng }), latentRate({ rate, icc, rng })];
      return Array.from({ length: trialsPerLatent }, () => ({
        first: rng.next() < a,
        second: rng.next() < b,
        cluster,
      }));
    }).flat();
    const n = pairs.length;
    const table = pairedTable({ pairs });
    const p1 = (table.both + table.onlyFirst) / n;
    const p2 = (table.both + table.onlySecond) / n;
    const pooled = (p1 + p2) / 2;
    const z = Math.abs(p1 - p2) / Math.sqrt((2 * pooled * (1 - pooled)) / n || 1);
    reject("unpaired z", z > 1.96 ? 0 : 1);
    reject("mcnemar", mcnemarExact(table).p);
    const values = pairs.map(({ first, second, cluster }) => ({
      first: Number(first),
      second: Number(second),
      cluster,
    }));
    reject(
      "permutation",
      clusterPermutation({ pairs: values, permutations: 999, seed: s, exactLimit: 10 }).p,
    );
    const differences = values.map(({ first, second, cluster }) => ({
      numerator: second - first,
      denominator: 1,
      cluster,
    }));
    const byT = clusterDifference({ pairs: differences });
    hold("cluster-t", byT.lower, byT.upper);
    if (s % BOOTSTRAP_SHARE !== 0) continue;
    const arm = (key: "first" | "second") =>
      values.map((each) => ({ numerator: each[key], denominator: 1, cluster: each.cluster }));
    const { difference } = compareRates({
      reference: arm("first"),
      treatment: arm("second"),
      replicates: 400,
      seed: s,
    });
    hold("bootstrap-percentile", difference.lower, difference.upper);
  }
  const coverage = Object.fromEntries(Object.entries(held).map(([name, [hits, of]]) => [name, hits / of]));
  return { ...options, rejected, coverage };
}
