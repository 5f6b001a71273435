/** Which example runs where: a pack is taken apart into its examples, each of which is a graph of its own. */
import type { PackedRows } from "../types.ts";

/** Rows of one example up to its last target; later rows change no loss. */
export interface ExampleRows {
  /** Number within the pack. */
  number: number;
  /** `[rows]` */
  tokens: Int32Array;
  positions: Int32Array;
  /** Rows with a target, ascending, and their targets. */
  targetRows: Int32Array;
  targets: Int32Array;
  /** `[rows, d_model]` */
  addition: { layer: number; rows: Float32Array } | null;
}

/** Examples without a target are left out: they have neither loss nor gradient. */
export function splitExamples(pack: PackedRows): ExampleRows[] {
  const { tokens, examples } = pack;
  const found: ExampleRows[] = [];
  for (let start = 0; start < tokens.length; ) {
    let end = start + 1;
    while (end < tokens.length && examples[end] === examples[start]) end++;
    const example = exampleOf({ pack, number: found.length, start, end });
    if (example !== null) found.push(example);
    start = end;
  }
  return found;
}

function exampleOf({
  pack,
  number,
  start,
  end,
}: {
  pack: PackedRows;
  number: number;
  start: number;
  end: number;
}): ExampleRows | null {
  const { tokens, positions, targets, addition } = pack;
  const targetRows = Int32Array.from(
    Array.from({ length: end - start }, (_, row) => row).filter((row) => (targets[start + row] ?? -1) >= 0),
  );
  const last = targetRows.at(-1);
  if (last === undefined) return null;
  const stop = start + last + 1;
  const dModel = (addition?.rows.length ?? 0) / tokens.length;
  return {
    number,
    tokens: tokens.slice(start, stop),
    positions: positions.slice(start, stop),
    targetRows,
    targets: targetRows.map((row) => targets[start + row] ?? -1),
    addition:
      addition === null
        ? null
        : { layer: addition.layer, rows: addition.rows.slice(start * dModel, stop * dModel) },
  };
}

/** The longest first, each to the lane with the fewest rows so far: the same for the same examples. */
export function shareOut({
  examples,
  lanes,
}: {
  examples: readonly ExampleRows[];
  lanes: number;
}): ExampleRows[][] {
  const shares = Array.from({ length: lanes }, (): { rows: number; examples: ExampleRows[] } => ({
    rows: 0,
    examples: [],
  }));
  for (const example of examples.toSorted((a, b) => b.tokens.length - a.tokens.length)) {
    const share = shares.reduce((least, each) => (each.rows < least.rows ? each : least));
    share.rows += example.tokens.length;
    share.examples.push(example);
  }
  return shares.map((share) => share.examples);
}
