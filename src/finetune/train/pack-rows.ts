/** From token sequences to the rows of one pass: several examples end to end, each seeing only itself. */
import { CountersteerError } from "../../errors.ts";
import type { PackedRows, TokenisedExample } from "../types.ts";

/** A direction that is added to every row of an example, `[d_model]`, strength included; null for none. */
export type Steered<T> = T & { addition: Float32Array | null };

export interface PackRowsOptions {
  examples: readonly Steered<TokenisedExample>[];
  /** Rows of a pack at most. */
  maxRows: number;
  /** Block at whose output is steered; needed only where an example is. */
  layer?: number;
}

/** Rows that an example takes: its last token has no successor to predict. */
export function rowsOf({ tokens }: Pick<TokenisedExample, "tokens">): number {
  return tokens.length - 1;
}

/**
 * Packs of whole examples, the longest first, each into the first pack that has room: the same for the same examples in the same order.
 * Throws CONTEXT_OVERFLOW for an example that fits into no pack.
 */
export function packRows({ examples, maxRows, layer }: PackRowsOptions): PackedRows[] {
  const packs: { rows: number; examples: Steered<TokenisedExample>[] }[] = [];
  for (const example of examples.toSorted((a, b) => rowsOf(b) - rowsOf(a))) {
    const rows = rowsOf(example);
    if (rows > maxRows) throw tooLong({ example, maxRows });
    const pack = packs.find((each) => each.rows + rows <= maxRows);
    if (pack === undefined) {
      packs.push({ rows, examples: [example] });
    } else {
      pack.rows += rows;
      pack.examples.push(example);
    }
  }
  return packs.map((pack) => ({ ...laid(pack), addition: additionOf({ ...pack, layer }) }));
}

type Pack = { rows: number; examples: Steered<TokenisedExample>[] };

function laid({ rows, examples }: Pack): Omit<PackedRows, "addition"> {
  const packed = {
    tokens: new Int32Array(rows),
    positions: new Int32Array(rows),
    examples: new Int32Array(rows),
    targets: new Int32Array(rows).fill(-1),
  };
  let at = 0;
  for (const [number, { tokens, trained }] of examples.entries()) {
    for (let position = 0; position < tokens.length - 1; position++, at++) {
      packed.tokens[at] = tokens[position] ?? 0;
      packed.positions[at] = position;
      packed.examples[at] = number;
      if (trained[position + 1] === 1) packed.targets[at] = tokens[position + 1] ?? -1;
    }
  }
  return packed;
}

function additionOf({ rows, examples, layer }: Pack & { layer: number | undefined }): PackedRows["addition"] {
  const dModel = examples.find(({ addition }) => addition !== null)?.addition?.length;
  if (dModel === undefined) return null;
  if (layer === undefined) throw new RangeError("steered rows need a layer");
  const sum = new Float32Array(rows * dModel);
  let at = 0;
  for (const { tokens, addition } of examples) {
    for (let position = 0; position < tokens.length - 1; position++, at++) {
      if (addition !== null) sum.set(addition, at * dModel);
    }
  }
  return { layer, rows: sum };
}

function tooLong({ example, maxRows }: { example: TokenisedExample; maxRows: number }): CountersteerError {
  return new CountersteerError("CONTEXT_OVERFLOW", {
    what: `Example ${example.id} has ${example.tokens.length} tokens.`,
    why: `A pass of the training holds ${maxRows} rows, one less than the tokens that they predict.`,
    todo: "Give a larger --max-rows, or leave such examples out by --skip-long.",
    facts: { example: example.id, tokens: example.tokens.length, maxRows },
  });
}
