import { expect, test } from "vitest";
import { drawLatency, latencyQuantiles, mulberry } from "./latency.ts";

test("draws have a mean of 1 and stay within the measured times", () => {
  const times = Array.from({ length: 500 }, (_, i) => 2 + (i % 17) ** 2);
  const quantiles = latencyQuantiles({ times });
  const random = mulberry(3);
  const draws = Array.from({ length: 40_000 }, () => drawLatency({ quantiles, u: random() }));
  const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(Math.max(...draws)).toBeLessThanOrEqual(Math.max(...quantiles));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(Math.min(...quantiles));
});

test("equal times give one time", () => {
  const quantiles = latencyQuantiles({ times: [5, 5, 5] });
  expect(drawLatency({ quantiles, u: 0.3 })).toBeCloseTo(1, 12);
});
