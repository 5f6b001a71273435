import { expect, test } from "vitest";
import type { Curves } from "./answer-state.ts";
import { sharedAxes } from "./shared-axes.ts";

const curves = (side: Curves["side"], values: number[]): Curves => ({
  type: "curves",
  side,
  offsets: values.map((_, i) => i),
  detectors: values.map((value, i) => (i === values.length - 1 ? null : 10 * value)),
  topicality: values,
});

test("both sides are drawn on the range of both, with room for the longer one", () => {
  const axes = sharedAxes({
    steered: { curves: curves("steered", Array(30).fill(-2)) },
    unsteered: { curves: curves("unsteered", Array(12).fill(3)) },
  });
  expect(axes.domains).toEqual({ topicality: { low: -2, high: 3 }, detectors: { low: -20, high: 30 } });
  expect(axes.tokens).toBe(30);
  expect(axes.curves.unsteered.detectors).toHaveLength(12);
});

test("before anything is measured there is no curve and still an axis", () => {
  const axes = sharedAxes({ steered: { curves: null }, unsteered: { curves: null } });
  expect(axes.curves.steered).toEqual({ topicality: null, detectors: null });
  expect(axes.tokens).toBeGreaterThan(0);
});
