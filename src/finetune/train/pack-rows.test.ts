import fc from "fast-check";
import { expect, test } from "vitest";
import type { TokenisedExample } from "../types.ts";
import { packRows, type Steered } from "./pack-rows.ts";

const MAX_ROWS = 40;

const token = fc.record({ token: fc.nat({ max: 999 }), trained: fc.boolean() });
const tokens = fc.array(token, { minLength: 2, maxLength: MAX_ROWS + 1 });
const made = fc.array(fc.record({ tokens, steered: fc.boolean() }), { minLength: 1, maxLength: 12 });

function examplesOf(
  drawn: { tokens: { token: number; trained: boolean }[]; steered: boolean }[],
): Steered<TokenisedExample>[] {
  return drawn.map(({ tokens, steered }, i) => ({
    id: `e${i}`,
    tokens: Int32Array.from(tokens, ({ token }) => token),
    trained: Uint8Array.from(tokens, ({ trained }) => Number(trained)),
    addition: steered ? Float32Array.of(i + 1, i) : null,
  }));
}

/** What each example in the packs was: its tokens but the last, its targets, what is added to its rows. */
function unpacked(packs: ReturnType<typeof packRows>): unknown[] {
  return packs.flatMap((pack) => {
    const count = (pack.examples.at(-1) ?? -1) + 1;
    return Array.from({ length: count }, (_, number) => {
      const rows = [...pack.tokens.keys()].filter((row) => pack.examples[row] === number);
      const start = rows[0] ?? 0;
      return {
        contiguous: rows.every((row, i) => row === start + i),
        positions: rows.every((row, i) => pack.positions[row] === i),
        tokens: rows.map((row) => pack.tokens[row]),
        targets: rows.map((row) => pack.targets[row]),
        added: rows.map((row) => [pack.addition?.rows[2 * row] ?? 0, pack.addition?.rows[2 * row + 1] ?? 0]),
      };
    });
  });
}

function sorted(values: unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort();
}

test("every example is in exactly one pack, whole, with positions from 0, its own targets and its own addition", () => {
  fc.assert(
    fc.property(made, (drawn) => {
      const examples = examplesOf(drawn);
      const packs = packRows({ examples, maxRows: MAX_ROWS, layer: 3 });
      const wanted = examples.map(({ tokens, trained, addition }) => ({
        contiguous: true,
        positions: true,
        tokens: [...tokens.slice(0, -1)],
        targets: [...tokens].slice(1).map((token, i) => (trained[i + 1] === 1 ? token : -1)),
        added: [...tokens.slice(1)].map(() => (addition === null ? [0, 0] : [...addition])),
      }));
      expect(sorted(unpacked(packs))).toEqual(sorted(wanted));
      for (const pack of packs) expect(pack.tokens.length).toBeLessThanOrEqual(MAX_ROWS);
      for (const { addition } of packs) expect(addition === null || addition.layer === 3).toBe(true);
    }),
  );
});

test("no two packs could be one", () => {
  fc.assert(
    fc.property(made, (drawn) => {
      const sizes = packRows({ examples: examplesOf(drawn), maxRows: MAX_ROWS, layer: 0 })
        .map(({ tokens }) => tokens.length)
        .sort((a, b) => a - b);
      expect(sizes.length === 1 || (sizes[0] ?? 0) + (sizes[1] ?? 0) > MAX_ROWS).toBe(true);
    }),
  );
});

test("an example that fits into no pack is refused by its name", () => {
  const tokens = new Int32Array(12);
  const examples = [{ id: "long", tokens, trained: new Uint8Array(12), addition: null }];
  expect(packRows({ examples, maxRows: 11 })).toHaveLength(1);
  expect(() => packRows({ examples, maxRows: 10 })).toThrow(
    expect.objectContaining({
      code: "CONTEXT_OVERFLOW",
      facts: { example: "long", tokens: 12, maxRows: 10 },
    }),
  );
});
