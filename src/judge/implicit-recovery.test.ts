import { describe, expect, test } from "vitest";
import { createRng, type Rng } from "../stats/rng.ts";
import { bestRecovery, calibrateRecovery, LEAST_SEGMENT } from "./implicit-recovery.ts";

/** Noise with mean 0 and deviation about 0.6, as the curve of SmolLM2 has it. */
const noise = (rng: Rng) => 2 * (rng.next() + rng.next() + rng.next() - 1.5) * 0.6;
/** High at first, as an answer repeats its question, then barely above 0. */
const onTopic = (tokens: number, rng: Rng) =>
  Float32Array.from({ length: tokens }, (_, t) => (t < 8 ? 2.8 : t < 16 ? 0.7 : 0.15) + noise(rng));
const offTopic = (tokens: number, rng: Rng) => Float32Array.from({ length: tokens }, () => noise(rng) - 0.02);
const many = (make: (tokens: number, rng: Rng) => Float32Array, count: number, seed: number) => {
  const rng = createRng({ seed });
  return Array.from({ length: count }, () => make(128, rng));
};

const calibration = calibrateRecovery({ on: many(onTopic, 40, 1), off: many(offTopic, 40, 2), seed: 3 });
const threshold = calibration.threshold ?? Number.NaN;
const statisticOf = (curve: Float32Array) => bestRecovery({ curve, calibration })?.statistic ?? Number.NaN;

describe("implicit recovery", () => {
  test("is not found in curves that are on topic throughout, nor in those that are off topic to the end", () => {
    for (const make of [onTopic, offTopic]) {
      const alarms = many(make, 300, 4).filter((curve) => statisticOf(curve) > threshold);
      expect(alarms.length).toBeLessThanOrEqual(6);
    }
  });

  test("is found, and in its place, where an answer on topic follows one off topic", () => {
    const rng = createRng({ seed: 5 });
    const found = Array.from({ length: 100 }, () => {
      const curve = Float32Array.of(...offTopic(40, rng), ...onTopic(88, rng));
      return bestRecovery({ curve, calibration });
    }).filter((each) => each !== null && each.statistic > threshold && Math.abs(each.token - 40) <= 8);
    expect(found.length).toBeGreaterThanOrEqual(75);
  });

  test("is not found where an answer drifts off topic", () => {
    const rng = createRng({ seed: 6 });
    const alarms = Array.from({ length: 100 }, () =>
      statisticOf(Float32Array.of(...onTopic(60, rng), ...offTopic(68, rng))),
    ).filter((statistic) => statistic > threshold);
    expect(alarms.length).toBeLessThanOrEqual(2);
  });

  test("the false alarms of the calibration are counted on all of its answers", () => {
    const { unsteered, offTopic } = calibration.falseAlarms;
    expect([unsteered.answers, offTopic.answers]).toEqual([40, 40]);
    expect(unsteered.alarms + offTopic.alarms).toBeLessThanOrEqual(2);
  });

  test("needs two segments", () => {
    const curve = new Float32Array(2 * LEAST_SEGMENT - 1);
    expect(bestRecovery({ curve, calibration })).toBeNull();
    expect(bestRecovery({ curve: new Float32Array(2 * LEAST_SEGMENT), calibration })?.token).toBe(
      LEAST_SEGMENT,
    );
  });

  test("has no threshold without answers that are long enough", () => {
    const short = [new Float32Array(8), new Float32Array(9)];
    expect(calibrateRecovery({ on: short, off: short, seed: 1 }).threshold).toBeNull();
  });

  test("the calibration is the same for the same answers and seed", () => {
    const again = calibrateRecovery({ on: many(onTopic, 40, 1), off: many(offTopic, 40, 2), seed: 3 });
    expect(again).toEqual(calibration);
  });
});
