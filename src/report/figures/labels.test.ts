import fc from "fast-check";
import { expect, it } from "vitest";
import { labelRoom, shortLabel } from "./labels.ts";
import { ticksTo } from "./ticks.ts";

it("a label is no longer than allowed, and keeps both ends", () => {
  expect(shortLabel("meta-focus-unsteered")).toBe("meta-focus-unsteered");
  expect(shortLabel(`begin ${"x".repeat(60)} end`, 20)).toBe("begin xxxxxx…xxx end");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect([...shortLabel(text)].length).toBeLessThanOrEqual(30);
    }),
  );
});

it("takes the room of the widest label", () => {
  expect(labelRoom(["ab", "abcd"])).toBe(labelRoom(["abcd"]));
  expect(labelRoom(["日本"])).toBeGreaterThan(labelRoom(["ab"]));
});

it("ticks begin at 0, are evenly apart, and end at most at the maximum", () => {
  expect(ticksTo(24.2)).toEqual([0, 10, 20]);
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e4, noNaN: true }), (max) => {
      const ticks = ticksTo(max);
      expect(ticks[0]).toBe(0);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.at(-1)).toBeLessThanOrEqual(max * (1 + 1e-6));
    }),
  );
});
