/** What a run's recordings say, as its designs declare it (METHOD.md 8.3): regions, tests, averages around the restart, controls. Plain data for tables and figures. */
import { type AlignedPoint, alignedAverage } from "../../stats/aligned-average.ts";
import { type DeclaredActivations, type DeclaredGroup, declaredAnalyses } from "../../store/analysis.ts";
import { runMargin } from "../../store/run-margin.ts";
import type { RunStore } from "../../store/run-store.ts";
import { type Episode, type Episodes, readEpisodes } from "./episodes.ts";
import { type GroupTests, groupTests, type RegionMeans, regionMeans, regionValues } from "./group-tests.ts";
import { type Baseline, baseline, groupSeries, type NoRestart, noRestart } from "./other-answers.ts";

/** Mean of a group at tokens around the restart; offset 0 is the restart phrase's first token. */
export interface AlignedGroup {
  group: string;
  points: Pick<AlignedPoint, "offset" | "n" | "clusters" | "estimate" | "lower" | "upper">[];
}

export interface ActivationGroup extends GroupTests {
  noRestart: NoRestart | null;
  baseline: Baseline | null;
}

export interface ActivationReport extends Pick<Episodes, "trials" | "leftOut"> {
  design: string;
  declared: DeclaredActivations;
  level: number;
  /** Places and scores of each; `regions` are tokens of the answer. */
  episodes: Pick<Episode, "key" | "unit" | "steered" | "regions" | "firstScore" | "lastScore">[];
  groups: ActivationGroup[];
  /** Of the steered latent itself; its means are null where it was not recorded. */
  steered: RegionMeans;
  aligned: AlignedGroup[];
}

/** Name of the steered latent's own curve. */
export const STEERED = "steered latent";

export interface ActivationReportsOptions {
  store: RunStore;
  /** @default the run's own */
  margin?: number;
  /** `name/version`. @default the run's own */
  judge?: string;
  /** @default 0.95 */
  level?: number;
}

/** One for each analysis that a design of the run declares; empty for a run that records none. */
export function activationReports(options: ActivationReportsOptions): ActivationReport[] {
  return (declaredAnalyses({ store: options.store }) ?? []).flatMap(({ design, activations = [] }) =>
    activations.map((declared) => reportOf({ ...options, design, declared })),
  );
}

function reportOf({
  store,
  design,
  declared,
  level = 0.95,
  ...chosen
}: ActivationReportsOptions & { design: string; declared: DeclaredActivations }): ActivationReport {
  const manifest = store.manifest();
  const { margin = runMargin(manifest), judge = manifest.judge.id } = chosen;
  const judging = { margin, judge };
  const { trials, episodes, leftOut } = readEpisodes({ store, declared, judging });
  const common = { store, declared, judging, episodes, target: manifest.target, level };
  const without = noRestart(common);
  const onTopic = baseline(common);
  const own = episodes.map((episode) =>
    regionValues({ episode: { ...episode, steered: null }, latents: ownLatent(episode) }),
  );
  return {
    design,
    declared,
    level,
    trials,
    leftOut,
    episodes: episodes.map(({ key, unit, steered, regions, firstScore, lastScore }) => ({
      key,
      unit,
      steered,
      regions,
      firstScore,
      lastScore,
    })),
    groups: declared.groups.map((group, i) => ({
      ...groupTests({ episodes, group, level }),
      noRestart: without?.[i] ?? null,
      baseline: onTopic?.[i] ?? null,
    })),
    steered: regionMeans({ episodes, values: own, level }),
    aligned: [
      ...declared.groups.map((group) => alignedGroup({ episodes, declared, level, group })),
      alignedGroup({ episodes, declared, level, group: null }),
    ],
  };
}

/** Of a group, or of the steered latent itself. */
function alignedGroup({
  episodes,
  declared,
  level,
  group,
}: {
  episodes: readonly Episode[];
  declared: DeclaredActivations;
  level: number;
  group: DeclaredGroup | null;
}): AlignedGroup {
  const series = episodes.map((episode) => {
    const { rows, regions, cluster, steered } = episode;
    const latents = group?.latents.filter((latent) => latent !== steered) ?? ownLatent(episode);
    const values = groupSeries({ rows, latents, steered: null });
    return { values, anchor: regions.correction.start, cluster };
  });
  const points = alignedAverage({ series, window: declared.window, level });
  return {
    group: group?.name ?? STEERED,
    points: points.map(({ offset, n, clusters, estimate, lower, upper }) => ({
      offset,
      n,
      clusters,
      estimate,
      lower,
      upper,
    })),
  };
}

function ownLatent({ steered }: Pick<Episode, "steered">): number[] {
  return steered === null ? [] : [steered];
}
