/** Timelines as rows of a table for other programs; an absent value is null. */
import type { ActivationReport } from "./activation-report.ts";
import type { TrialTimeline } from "./trial-timeline.ts";

export type FigureRow = Record<string, string | number | null>;

/** One row a token. */
export function trialTimelineRows(timeline: TrialTimeline): FigureRow[] {
  const { key, groups, tokens } = timeline;
  return tokens.map(({ token, offset, text, region, sums, steered }) => ({
    trial: key,
    token,
    offset,
    text,
    region,
    ...Object.fromEntries(groups.map(({ name }, i) => [name, sums[i] ?? null])),
    steered,
  }));
}

/** One row a group and offset. */
export function alignedRows(reports: readonly ActivationReport[]): FigureRow[] {
  return reports.flatMap(({ design, aligned }) =>
    aligned.flatMap(({ group, points }) =>
      points.map(({ offset, n, clusters, estimate, lower, upper }) => ({
        design,
        group,
        offset,
        n,
        clusters,
        mean: estimate,
        lower,
        upper,
      })),
    ),
  );
}
