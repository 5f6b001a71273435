/** What a group of latents does in answers that do not start over: off topic all the same, or on topic without steering. */
import { bootstrapStatistic } from "../../stats/bootstrap-statistic.ts";
import { type ClusterMean, clusterMean } from "../../stats/cluster-mean.ts";
import type { Interval } from "../../stats/interval.ts";
import { type PairedTest, pairedTest } from "../../stats/paired-test.ts";
import type { DeclaredActivations, DeclaredGroup, RegionName } from "../../store/analysis.ts";
import type { RunStore } from "../../store/run-store.ts";
import { type AnswerRows, meanOfLatents } from "./answer-rows.ts";
import { type Episode, type Judging, type RecordedAnswer, recordedAnswers } from "./episodes.ts";
import { byRegion, type RegionValues, regionValues } from "./group-tests.ts";
import type { Span } from "./token-regions.ts";

export interface NoRestart {
  by: "position" | "unit";
  /** Answers without a restart that have a token at some place of an episode. */
  answers: number;
  /** Mean of their values where the episodes are off topic. */
  mean: ClusterMean;
  /** Episodes less answers without a restart where the episodes are off topic, resampling latents; for `unit`, see `paired`. */
  difference: Interval | null;
  /** Episode less the answer to the same unit without a restart, at the same tokens. */
  paired: Record<RegionName, PairedTest> | null;
}

export interface Baseline {
  /** Answers on topic. */
  answers: number;
  /** Mean over all of their tokens. */
  mean: ClusterMean;
  /** Off-topic region of an episode less the answer to the same unit. */
  paired: PairedTest;
}

export interface GroupOptions {
  store: RunStore;
  declared: DeclaredActivations;
  judging: Judging;
  episodes: readonly Episode[];
  /** First-attempt score below which an answer counts as off topic, 0-100; null where the run has none. */
  target: number | null;
  level: number;
}

/** For each group in order; null where the analysis declares none. */
export function noRestart(options: GroupOptions): NoRestart[] | null {
  const { store, declared, judging, episodes, target } = options;
  if (declared.noRestart === null) return null;
  const { arm, by } = declared.noRestart;
  const byUnit = new Map(episodes.map((episode) => [episode.unit, episode]));
  const found = declared.groups.map((): Control[] => []);
  for (const answer of recordedAnswers({ store, name: declared.recording, arm, judge: judging.judge })) {
    if (!isSingle(answer) || (by === "position" && !isBelow(answer, target))) continue;
    const own = byUnit.get(answer.trial.unit);
    const places = by === "position" ? episodes : own === undefined ? [] : [own];
    declared.groups.forEach(({ latents }, i) => {
      const series = groupSeries({ rows: answer.rows, latents, steered: answer.trial.latent });
      const values = places.map(({ regions }) => byRegion((region) => meanWithin(series, regions[region])));
      found[i]?.push({ unit: answer.trial.unit, cluster: answer.cluster, key: answer.trial.key, values });
    });
  }
  return declared.groups.map((group, i) => comparedWith({ ...options, by, group, controls: found[i] ?? [] }));
}

interface Control {
  key: string;
  unit: string;
  cluster: number | string;
  /** At the tokens of the episodes that it is compared with. */
  values: RegionValues[];
}

function comparedWith({
  by,
  group,
  controls,
  episodes,
  level,
}: GroupOptions & { by: NoRestart["by"]; group: DeclaredGroup; controls: readonly Control[] }): NoRestart {
  const ordered = controls.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const off = ordered.flatMap(({ cluster, values }) => {
    const value = mean(values.flatMap((each) => each["off-topic"] ?? []));
    return value === null ? [] : [{ cluster, value, episode: false }];
  });
  const own = episodes.map((episode) => regionValues({ episode, latents: group.latents }));
  const ofEpisodes = episodes.flatMap(({ cluster }, i) => {
    const value = own[i]?.["off-topic"] ?? null;
    return value === null ? [] : [{ cluster, value, episode: true }];
  });
  const byUnit = new Map(ordered.map(({ unit, values }) => [unit, values[0]]));
  return {
    by,
    answers: off.length,
    mean: clusterMean({ values: off, level }),
    difference:
      by === "unit"
        ? null
        : bootstrapStatistic({
            rows: [...ofEpisodes, ...off],
            clusterOf: ({ cluster }) => cluster,
            statistic: (rows) => {
              const [a, b] = [true, false].map((side) =>
                mean(rows.flatMap(({ episode, value }) => (episode === side ? [value] : []))),
              );
              return a === null || b === null || a === undefined || b === undefined ? null : a - b;
            },
            level,
          }),
    paired:
      by === "position"
        ? null
        : byRegion((region) =>
            pairedTest({
              pairs: episodes.flatMap(({ unit, cluster }, i) => {
                const [first, second] = [own[i]?.[region] ?? null, byUnit.get(unit)?.[region] ?? null];
                return first === null || second === null ? [] : [{ first, second, cluster }];
              }),
              alternative: group.alternative,
              level,
            }),
          ),
  };
}

/** For each group in order; null where the analysis declares none. */
export function baseline({ store, declared, judging, episodes, level }: GroupOptions): Baseline[] | null {
  if (declared.baseline === null) return null;
  const { arm, leastScore } = declared.baseline;
  const found = declared.groups.map(
    (): { key: string; unit: string; cluster: number | string; value: number }[] => [],
  );
  for (const answer of recordedAnswers({ store, name: declared.recording, arm, judge: judging.judge })) {
    if (!isSingle(answer) || (firstScore(answer) ?? -1) < leastScore) continue;
    const { trial, rows, cluster } = answer;
    declared.groups.forEach(({ latents }, i) => {
      const series = groupSeries({ rows, latents, steered: trial.latent });
      const value = meanWithin(series, { start: 0, end: rows.tokens });
      if (value !== null) found[i]?.push({ key: trial.key, unit: trial.unit, cluster, value });
    });
  }
  return declared.groups.map(({ latents, alternative }, i) => {
    const values = (found[i] ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const byUnit = new Map(values.map(({ unit, value }) => [unit, value]));
    const pairs = episodes.flatMap((episode) => {
      const first = regionValues({ episode, latents })["off-topic"];
      const second = byUnit.get(episode.unit);
      return first === null || second === undefined ? [] : [{ first, second, cluster: episode.cluster }];
    });
    return {
      answers: values.length,
      mean: clusterMean({ values, level }),
      paired: pairedTest({ pairs, alternative, level }),
    };
  });
}

/**
 * A group's mean at each token. The unit's latent is left out of unsteered answers as well, so that pairs compare the same latents.
 */
export function groupSeries({
  rows,
  latents,
  steered,
}: {
  rows: AnswerRows;
  latents: readonly number[];
  steered: number | null;
}): (number | null)[] {
  const counted = latents.filter((latent) => latent !== steered);
  return Array.from({ length: rows.tokens }, (_, token) =>
    meanOfLatents({ latents: counted, of: (latent) => rows.value({ token, latent }) }),
  );
}

function meanWithin(series: readonly (number | null)[], { start, end }: Span): number | null {
  return mean(series.slice(start, end).flatMap((value) => value ?? []));
}

/** Judged, and of one attempt. */
function isSingle({ judgement }: RecordedAnswer): boolean {
  return judgement?.status === "scored" && judgement.attempts.length === 1;
}

function isBelow(answer: RecordedAnswer, target: number | null): boolean {
  const score = firstScore(answer);
  return score !== null && target !== null && score < target;
}

function firstScore({ judgement }: RecordedAnswer): number | null {
  return judgement?.attempts[0]?.score ?? null;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
