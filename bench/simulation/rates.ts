/** How often each interval of a rate holds the rate that the data were made with. */
import { clusterBootstrap } from "../../src/stats/cluster-bootstrap.ts";
import { clusterLogit } from "../../src/stats/cluster-logit.ts";
import { createRng } from "../../src/stats/rng.ts";
import { wilson } from "../../src/stats/wilson.ts";
import { latentRate } from "./clustered-trials.ts";

export interface RateCell {
  latents: number;
  trialsPerLatent: number;
  rate: number;
  icc: number;
  simulations: number;
  /** Share of simulations, by method, in which the 95 % interval held the rate. */
  coverage: Record<string, number>;
}

const BOOTSTRAP_SHARE = 4;

export function rateCell(options: Omit<RateCell, "coverage">): RateCell {
  const { latents, trialsPerLatent, rate, icc, simulations } = options;
  const rng = createRng({ seed: Math.round(1e6 * rate + 1e3 * icc + latents) });
  const held = new Map<string, { hits: number; of: number }>();
  const note = (method: string, { lower, upper }: { lower: number | null; upper: number | null }) => {
    const count = held.get(method) ?? { hits: 0, of: 0 };
    held.set(method, {
      hits: count.hits + Number((lower ?? 0) <= rate && rate <= (upper ?? 1)),
      of: count.of + 1,
    });
  };
  for (let s = 0; s < simulations; s++) {
    const observations = Array.from({ length: latents }, (_, cluster) => {
      const own = latentRate({ rate, icc, rng });
      let numerator = 0;
      for (let i = 0; i < trialsPerLatent; i++) numerator += Number(rng.next() < own);
      return { numerator, denominator: trialsPerLatent, cluster };
    });
    const successes = observations.reduce((sum, { numerator }) => sum + numerator, 0);
    const n = latents * trialsPerLatent;
    const p = successes / n;
    const half = 1.96 * Math.sqrt((p * (1 - p)) / n);
    note("wald", { lower: p - half, upper: p + half });
    note("wilson", wilson({ successes, n }));
    note("cluster-logit", clusterLogit({ observations }));
    // the bootstrap costs a thousand times as much, so it is tried on a part
    if (s % BOOTSTRAP_SHARE !== 0) continue;
    for (const interval of ["percentile", "bca"] as const) {
      note(`bootstrap-${interval}`, clusterBootstrap({ observations, replicates: 600, seed: s, interval }));
    }
  }
  const coverage = Object.fromEntries([...held].map(([method, { hits, of }]) => [method, hits / of]));
  return { ...options, coverage };
}
