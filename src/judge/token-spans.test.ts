import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenSpan } from "./token-spans.ts";

/** Offsets of a text cut into the given pieces. */
function cut(pieces: readonly string[]): { text: string; offsets: Int32Array } {
  let at = 0;
  const offsets = pieces.map((piece) => {
    const begin = at;
    at += piece.length;
    return begin;
  });
  return { text: pieces.join(""), offsets: Int32Array.from(offsets) };
}

describe("tokens of a span", () => {
  const { text, offsets } = cut(["A", " dragon", ".", " Wait", ",", " no", ".\n\n", "Eggs", "."]);

  test("a token with a leading space belongs to the sentence that it opens", () => {
    const start = text.indexOf("Wait");
    const end = text.indexOf("Eggs");
    expect(tokenSpan({ text, offsets, start: 0, end: start })).toEqual({ from: 0, to: 3 });
    expect(tokenSpan({ text, offsets, start, end })).toEqual({ from: 3, to: 7 });
    expect(tokenSpan({ text, offsets, start: end, end: text.length })).toEqual({ from: 7, to: 9 });
  });

  test("a boundary inside a token leaves it on the side of its first character", () => {
    expect(tokenSpan({ text, offsets, start: 4, end: text.length }).from).toBe(2);
    expect(tokenSpan({ text, offsets, start: 0, end: 4 }).to).toBe(2);
  });

  test("tokens that share a character stay together", () => {
    const emoji = "a 🐉 b";
    const shared = Int32Array.of(0, 1, 2, 2, 4);
    expect(tokenSpan({ text: emoji, offsets: shared, start: 2, end: 4 })).toEqual({ from: 2, to: 4 });
  });

  test("tokens past the text are in no span", () => {
    const offsetsPast = Int32Array.of(0, 1, 8, 8);
    expect(tokenSpan({ text: "abc", offsets: offsetsPast, start: 0, end: 3 })).toEqual({ from: 0, to: 2 });
  });

  test("adjoining spans share no token and leave none out", () => {
    const pieces = fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(60), { maxLength: 4 }), (parts, cuts) => {
        const whole = cut(parts);
        const bounds = [0, ...cuts.map((at) => Math.min(at, whole.text.length)).sort((a, b) => a - b)];
        const spans = bounds.map((start, i) =>
          tokenSpan({ ...whole, start, end: bounds[i + 1] ?? whole.text.length + 1 }),
        );
        spans.forEach(({ from, to }, i) => {
          expect(from).toBe(spans[i - 1]?.to ?? 0);
          expect(to).toBeGreaterThanOrEqual(from);
        });
        expect(spans.at(-1)?.to).toBe(parts.length);
      }),
    );
  });
});
