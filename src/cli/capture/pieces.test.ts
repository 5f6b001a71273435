import fc from "fast-check";
import { expect, it } from "vitest";
import { cutPieces } from "./pieces.ts";

it("pieces together are the text, each at its start, none too long or empty", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.integer({ min: 1, max: 50 }), (values, size) => {
      const tokens = Int32Array.from(values);
      const pieces = cutPieces({ tokens, size });
      expect(pieces.flatMap((piece) => [...piece.tokens])).toEqual(values);
      for (const piece of pieces) {
        expect(piece.tokens.length).toBeGreaterThan(0);
        expect(piece.tokens.length).toBeLessThanOrEqual(size);
        expect(tokens[piece.start]).toBe(piece.tokens[0]);
      }
      expect(pieces.length).toBe(Math.ceil(values.length / size));
    }),
  );
});
