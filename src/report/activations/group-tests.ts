/** Means of groups of latents in the regions of episodes, and the declared contrast of each, with the episode as the unit. */
import { type ClusterMean, clusterMean } from "../../stats/cluster-mean.ts";
import { holm } from "../../stats/holm.ts";
import { type PairedTest, pairedTest } from "../../stats/paired-test.ts";
import { type DeclaredGroup, REGIONS, type RegionName } from "../../store/analysis.ts";
import { meanOfLatents, meanOver } from "./answer-rows.ts";
import type { Episode } from "./episodes.ts";

export type RegionMeans = Record<RegionName, ClusterMean>;

/** One latent; `p` and its like are those of the declared contrast. */
export interface LatentRow extends PairedTest {
  latent: number;
  means: RegionMeans;
  /** `p` and `pTwoSided` over the group's latents that have a pair; null without one. */
  pHolm: number | null;
  pHolmTwoSided: number | null;
}

export interface GroupTests extends Omit<DeclaredGroup, "latents"> {
  /** Mean over the latents in each episode. */
  means: RegionMeans;
  test: PairedTest;
  /** In the declared order. */
  latents: LatentRow[];
}

/** An episode's mean over the tokens of each region and over latents; null where nothing was recorded there. */
export type RegionValues = Record<RegionName, number | null>;

export function groupTests({
  episodes,
  group,
  level,
}: {
  episodes: readonly Episode[];
  group: DeclaredGroup;
  level: number;
}): GroupTests {
  const { latents, ...declared } = group;
  const tested = (of: readonly number[]) => {
    const values = episodes.map((episode) => regionValues({ episode, latents: of }));
    return {
      means: regionMeans({ episodes, values, level }),
      test: contrast({ episodes, values, group, level }),
    };
  };
  const rows = latents.map((latent) => ({ latent, ...tested([latent]) }));
  const pairs = rows.filter(({ test }) => test.pairs > 0);
  const corrected = (of: (test: PairedTest) => number | null) => {
    const values = holm({ p: pairs.map(({ test }) => of(test) ?? 1) });
    return new Map(pairs.map(({ latent }, i) => [latent, values[i] ?? 1]));
  };
  const declaredSide = corrected(({ p }) => p);
  const bothSides = corrected(({ pTwoSided }) => pTwoSided);
  return {
    ...declared,
    ...tested(latents),
    latents: rows.map(({ latent, means, test }) => ({
      latent,
      means,
      ...test,
      pHolm: declaredSide.get(latent) ?? null,
      pHolmTwoSided: bothSides.get(latent) ?? null,
    })),
  };
}

/** The steered latent is in no mean of others: it fires by the edit. */
export function regionValues({
  episode: { rows, regions, steered },
  latents,
}: {
  episode: Pick<Episode, "rows" | "regions" | "steered">;
  latents: readonly number[];
}): RegionValues {
  const counted = latents.filter((latent) => latent !== steered);
  return byRegion((region) =>
    meanOfLatents({ latents: counted, of: (latent) => meanOver({ rows, latent, span: regions[region] }) }),
  );
}

export function byRegion<T>(of: (region: RegionName) => T): Record<RegionName, T> {
  // the keys are exactly the names
  return Object.fromEntries(REGIONS.map((region) => [region, of(region)])) as Record<RegionName, T>;
}

export function regionMeans({
  episodes,
  values,
  level,
}: {
  episodes: readonly Pick<Episode, "cluster">[];
  values: readonly RegionValues[];
  level: number;
}): RegionMeans {
  return byRegion((region) =>
    clusterMean({
      values: episodes.flatMap(({ cluster }, i) => {
        const value = values[i]?.[region] ?? null;
        return value === null ? [] : [{ value, cluster }];
      }),
      level,
    }),
  );
}

/** An episode without one of the two regions is no pair. */
function contrast({
  episodes,
  values,
  group: { first, second, alternative },
  level,
}: {
  episodes: readonly Episode[];
  values: readonly RegionValues[];
  group: DeclaredGroup;
  level: number;
}): PairedTest {
  const pairs = episodes.flatMap(({ cluster }, i) => {
    const [a, b] = [values[i]?.[first] ?? null, values[i]?.[second] ?? null];
    return a === null || b === null ? [] : [{ first: a, second: b, cluster }];
  });
  return pairedTest({ pairs, alternative, level });
}
