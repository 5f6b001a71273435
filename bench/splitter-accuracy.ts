/** How well the restart splitter finds the known boundaries of the committed cases. */
import type { SplitterCase } from "../scripts/build-splitter-set.ts";
import { noAttemptReason } from "../src/judge/no-attempt.ts";
import { splitRestarts } from "../src/judge/restart-splitter.ts";

/** A found boundary is right within this many characters of the known one: room for an opening mark such as "**" or an emoji. */
export const TOLERANCE = 3;

export interface BoundaryCounts {
  cases: number;
  /** Known boundaries = found + missed. */
  boundaries: number;
  found: number;
  missed: number;
  /** Boundaries that the splitter put where none is. */
  invented: number;
  /** Of the found, those at exactly the known offset. */
  exact: number;
}

export interface Accuracy extends BoundaryCounts {
  precision: number;
  recall: number;
  f1: number;
  /** Responses by whether they hold more than one attempt, and whether the splitter says so. */
  confusion: {
    multiFoundMulti: number;
    multiFoundSingle: number;
    singleFoundMulti: number;
    singleFoundSingle: number;
  };
  byKind: ({ kind: string } & BoundaryCounts)[];
  /** Ids of the cases that are not split exactly as they should be. */
  wrong: string[];
}

/** Offsets of the attempts after the first. */
export function foundBoundaries(response: string): number[] {
  if (noAttemptReason(response) !== null) return [];
  return splitRestarts(response)
    .attempts.slice(1)
    .map(({ start }) => start);
}

function countsOf({ response, boundaries }: SplitterCase): BoundaryCounts {
  const open = foundBoundaries(response);
  let found = 0;
  let exact = 0;
  for (const known of boundaries) {
    const at = open.findIndex((each) => Math.abs(each - known) <= TOLERANCE);
    if (at < 0) continue;
    if (open[at] === known) exact += 1;
    open.splice(at, 1);
    found += 1;
  }
  const missed = boundaries.length - found;
  return { cases: 1, boundaries: boundaries.length, found, missed, invented: open.length, exact };
}

const NOTHING: BoundaryCounts = { cases: 0, boundaries: 0, found: 0, missed: 0, invented: 0, exact: 0 };

function sum(all: readonly BoundaryCounts[]): BoundaryCounts {
  return all.reduce(
    (total, each) => ({
      cases: total.cases + each.cases,
      boundaries: total.boundaries + each.boundaries,
      found: total.found + each.found,
      missed: total.missed + each.missed,
      invented: total.invented + each.invented,
      exact: total.exact + each.exact,
    }),
    NOTHING,
  );
}

export function splitterAccuracy(cases: readonly SplitterCase[]): Accuracy {
  const rows = cases.map((each) => ({
    each,
    counts: countsOf(each),
    isMulti: foundBoundaries(each.response).length > 0,
  }));
  const total = sum(rows.map(({ counts }) => counts));
  const precision = total.found / (total.found + total.invented);
  const recall = total.found / total.boundaries;
  const cell = (multi: boolean, saysMulti: boolean) =>
    rows.filter(({ each, isMulti }) => each.boundaries.length > 0 === multi && isMulti === saysMulti).length;
  return {
    ...total,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall),
    confusion: {
      multiFoundMulti: cell(true, true),
      multiFoundSingle: cell(true, false),
      singleFoundMulti: cell(false, true),
      singleFoundSingle: cell(false, false),
    },
    byKind: [...new Set(cases.map(({ kind }) => kind))].map((kind) => ({
      kind,
      ...sum(rows.filter(({ each }) => each.kind === kind).map(({ counts }) => counts)),
    })),
    wrong: rows.filter(({ counts }) => counts.missed > 0 || counts.invented > 0).map(({ each }) => each.id),
  };
}
