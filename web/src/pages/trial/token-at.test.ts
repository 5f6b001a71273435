import fc from "fast-check";
import { expect, it } from "vitest";
import { firstTokenFrom, spanOfToken, tokenAt } from "./token-at.ts";

const offsets = fc
  .array(fc.nat({ max: 50 }), { maxLength: 30 })
  .map((places) => places.sort((a, b) => a - b));

it("finds the token whose span holds the place", () => {
  fc.assert(
    fc.property(offsets, fc.nat({ max: 60 }), (starts, at) => {
      const token = tokenAt({ offsets: starts, at });
      if (token === null) {
        expect(starts.every((start) => start > at)).toBe(true);
        return;
      }
      const { start, end } = spanOfToken({ offsets: starts, token, length: 61 });
      expect(start).toBeLessThanOrEqual(at);
      expect(end).toBeGreaterThan(at);
    }),
  );
});

it("agrees with a plain search about the first token from a place on", () => {
  fc.assert(
    fc.property(offsets, fc.nat({ max: 60 }), (starts, at) => {
      const plain = starts.findIndex((start) => start >= at);
      expect(firstTokenFrom({ offsets: starts, at })).toBe(plain < 0 ? starts.length : plain);
    }),
  );
});
