import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenText, textOf } from "./token-text.ts";

const encoder = new TextEncoder();

test("a text cut into byte pieces anywhere comes back whole, with rising offsets inside it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.integer({ min: 1, max: 5 })), (text, cuts) => {
      const bytes = encoder.encode(text);
      const pieces: Uint8Array[] = [];
      let at = 0;
      for (let i = 0; at < bytes.length; i++) {
        const size = cuts[i % Math.max(1, cuts.length)] ?? 2;
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      const stream = new TokenText();
      for (const piece of pieces) {
        stream.push(piece);
      }
      stream.finish();
      const offsets = stream.offsets;
      return (
        stream.text === new TextDecoder().decode(bytes) &&
        offsets.every((o, i) => o <= stream.text.length && o >= (offsets[i - 1] ?? 0))
      );
    }),
  );
});

test("an unfinished character ends as the replacement character", () => {
  expect(textOf([encoder.encode("é").subarray(0, 1)])).toBe("\uFFFD");
});
