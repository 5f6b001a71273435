import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { densityWidth } from "./density-width.ts";
import { LEVELS, levelOf } from "./levels.ts";
import { sortedBy } from "./sort-order.ts";
import { strengthToTry } from "./strength-to-try.ts";

describe("levels of a token", () => {
  test("rise with the value; only what is silent has none", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (a, b) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(levelOf(low, 10)).toBeLessThanOrEqual(levelOf(high, 10));
          expect(levelOf(high, 10) === 0).toBe(high === 0);
        },
      ),
    );
    expect([levelOf(10, 10), levelOf(1e-9, 10), levelOf(-1, 10), levelOf(0, 0)]).toEqual([LEVELS, 1, 0, 0]);
  });
});

test("the bar of a density is logarithmic and never leaves its frame", () => {
  expect([null, 0, 1e-9, 1e-5, 0.01, 1].map(densityWidth)).toEqual([0, 0, 0, 0, expect.closeTo(0.6), 1]);
});

test("a second click turns the order round, and density begins with the densest", () => {
  const byLabel = sortedBy({ sort: "latent", direction: "down" }, "label");
  expect(byLabel).toEqual({ sort: "label", direction: "up" });
  expect(sortedBy(byLabel, "label")).toEqual({ sort: "label", direction: "down" });
  expect(sortedBy(byLabel, "density")).toEqual({ sort: "density", direction: "down" });
});

test("a latent is tried at the threshold that a run found, else at a usual dose", () => {
  const held = { run: "r", name: "r", role: "steered" };
  expect(
    strengthToTry({
      runs: [
        { ...held, threshold: null },
        { ...held, threshold: 42 },
      ],
      dosePerStrength: 0.01,
    }),
  ).toBe(42);
  expect(strengthToTry({ runs: [], dosePerStrength: 0.01 })).toBe(60);
  expect(strengthToTry({ runs: [], dosePerStrength: null })).toBe(10);
});
