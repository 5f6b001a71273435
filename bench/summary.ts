/** From raw repetitions to the figures that are printed: medians, and ratios within a repetition with their spread. */
import type { BenchRun } from "./result.ts";

export interface Figure {
  median: number;
  min: number;
  max: number;
  repetitions: number;
}

export interface Selection {
  runs: BenchRun[];
  group: string;
  rows: number;
  variant: string;
}

/** Tokens a second of one variant. Throws if it was never measured. */
export function speedOf(selection: Selection): Figure {
  return figure([...speeds(selection).values()], describe(selection));
}

/** Speed of `variant` divided by that of `to`, within each repetition. Throws if a repetition lacks one of them. */
export function ratioOf({ to, ...selection }: Selection & { to: string }): Figure {
  const above = speeds(selection);
  const below = speeds({ ...selection, variant: to });
  if (above.size !== below.size) {
    throw new Error(`${describe(selection)}: ${above.size} repetitions against ${below.size} of ${to}.`);
  }
  const ratios = [...above].map(([repetition, speed]) => speed / (below.get(repetition) ?? Number.NaN));
  return figure(ratios, `${describe(selection)} over ${to}`);
}

/** Row counts that a group was measured at, ascending. */
export function rowCounts({ runs, group }: { runs: BenchRun[]; group: string }): number[] {
  const counts = new Set(runs.filter((run) => run.group === group).map(({ rows }) => rows));
  return [...counts].sort((a, b) => a - b);
}

function speeds({ runs, group, rows, variant }: Selection): Map<number, number> {
  return new Map(
    runs
      .filter((run) => run.group === group && run.rows === rows && run.variant === variant)
      .map(({ repetition, tokens, seconds }) => [repetition, tokens / seconds]),
  );
}

function figure(values: number[], what: string): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (
    min === undefined ||
    max === undefined ||
    low === undefined ||
    high === undefined ||
    sorted.some(Number.isNaN)
  ) {
    throw new Error(`${what} was not measured in full.`);
  }
  return { median: (low + high) / 2, min, max, repetitions: sorted.length };
}

function describe({ group, rows, variant }: Selection): string {
  return `${group}, ${rows} rows, ${variant}`;
}
