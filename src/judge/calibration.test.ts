import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCode } from "../errors.ts";
import {
  anchors,
  anchorsAt,
  type Calibration,
  type CalibrationIdentity,
  CalibrationSchema,
  checkCalibration,
  scoreSpan,
} from "./calibration.ts";

const identity: CalibrationIdentity = {
  model: { fileHash: "a".repeat(64), weightType: "q4_0", weightMode: "fast" },
  contrast: { hash: "b".repeat(64), size: 2 },
};
const calibration: Calibration = {
  version: 2,
  ...identity,
  answers: { hash: "c".repeat(64), count: 64 },
  broken: 8,
  seed: 1,
  topicality: [{ tokens: 100, on: 0.6, off: 0.1 }],
  fluency: {
    logProb: { one: -1.5, zero: -7.5 },
    dispersion: { one: 2, zero: 4 },
    repetition: { one: 0.1, zero: 0.5 },
  },
  recovery: {
    beginnings: [],
    stretches: [],
    threshold: null,
    falseAlarms: { unsteered: { answers: 0, alarms: 0 }, offTopic: { answers: 0, alarms: 0 } },
  },
};

/** Measures of text without repetition. */
const fluent = (logProb: number) => ({ logProb, dispersion: 1, repetition: 0 });

function refusalOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

describe("scores", () => {
  test("the anchors map to 0 and 100, half-way to 50", () => {
    const at = (topicality: number) =>
      scoreSpan({ calibration, tokens: 50, topicality, measures: fluent(-1) }).score;
    expect(at(0.6)).toBe(100);
    expect(at(0.1)).toBe(0);
    expect(at(0.35)).toBeCloseTo(50, 10);
    expect(at(9)).toBe(100);
    expect(at(-9)).toBe(0);
  });

  test("broken text on topic scores by its fluency", () => {
    expect(scoreSpan({ calibration, tokens: 50, topicality: 0.6, measures: fluent(-4.5) })).toEqual({
      score: 50,
      onTopic: 1,
      fluency: 0.5,
    });
    expect(scoreSpan({ calibration, tokens: 50, topicality: 0.6, measures: fluent(-8) }).score).toBe(0);
  });

  test("a loop on topic scores by its repetition, however probable it is", () => {
    const at = (repetition: number) =>
      scoreSpan({ calibration, tokens: 50, topicality: 0.6, measures: { ...fluent(-0.1), repetition } })
        .score;
    expect(at(0.1)).toBe(100);
    expect(at(0.3)).toBeCloseTo(50, 10);
    expect(at(0.9)).toBe(0);
  });

  test("stay in 0-100 and never fall when topicality or fluency rises", () => {
    const value = fc.double({ min: -20, max: 20, noNaN: true });
    const step = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(value, value, step, step, (topicality, logProb, more, smoother) => {
        const low = scoreSpan({ calibration, tokens: 50, topicality, measures: fluent(logProb) }).score;
        const high = scoreSpan({
          calibration,
          tokens: 50,
          topicality: topicality + more,
          measures: fluent(logProb + smoother),
        }).score;
        expect(low >= 0 && high <= 100 && low <= high).toBe(true);
      }),
    );
  });
});

describe("anchors", () => {
  /** A curve of `tokens` tokens: `first` over the first five, `later` after. */
  const curve = (tokens: number, first: number, later: number) =>
    Float32Array.from({ length: tokens }, (_, t) => (t < 5 ? first : later));

  test("are medians by length, and the 5th percentile for fluency", () => {
    const answers = Array.from({ length: 101 }, (_, i) => ({
      ...fluent(-1 - i / 100),
      repetition: i / 1000,
    }));
    const loops = [0.4, 0.6, 0.5].map((repetition) => ({ ...fluent(-0.5), repetition }));
    const found = anchors({
      on: [curve(10, 8, 0), curve(10, 2, 0), curve(10, 4, 0)],
      off: [curve(10, -1, 0), curve(10, 0, 0), curve(10, 1, 0)],
      fluent: answers,
      shuffled: [-8, -6, -7].map(fluent),
      broken: loops,
    });
    expect(found).toEqual({
      topicality: [
        { tokens: 5, on: 4, off: 0 },
        { tokens: 8, on: 2.5, off: 0 },
      ],
      fluency: {
        logProb: { one: -1.95, zero: -7 },
        dispersion: { one: 1, zero: 2.5 },
        repetition: { one: 0.095, zero: 0.5 },
      },
    });
  });

  test("exist up to the length that half of the answers reach", () => {
    const on = [curve(6, 1, 1), curve(12, 1, 1), curve(12, 1, 1), curve(500, 1, 1)];
    const off = on.map(({ length }) => curve(length, 0, 0));
    const { topicality } = anchors({ on, off, fluent: [fluent(-1)], shuffled: [fluent(-7)], broken: [] });
    expect(topicality.map(({ tokens }) => tokens)).toEqual([5, 8, 12]);
  });

  test("between lengths lie between their neighbours, beyond them stay", () => {
    const topicality = [
      { tokens: 5, on: 3, off: -1 },
      { tokens: 20, on: 1, off: 0 },
      { tokens: 80, on: 0.5, off: 0.1 },
    ];
    const at = (tokens: number) => anchorsAt({ topicality, tokens });
    expect(at(5)).toEqual({ on: 3, off: -1 });
    expect(at(10).on).toBeCloseTo(2, 12);
    expect(at(10).off).toBeCloseTo(-0.5, 12);
    expect(at(20)).toEqual({ on: 1, off: 0 });
    expect(at(40).on).toBeCloseTo(0.75, 12);
    expect(at(1000)).toEqual({ on: 0.5, off: 0.1 });
    expect(at(1)).toEqual({ on: 3, off: -1 });
  });

  const [five, zero] = [curve(5, 0.6, 0), curve(5, 0, 0)];
  test.each([
    [
      "answers no more on topic than deranged ones",
      { on: [five], off: [five], fluent: [fluent(-1)], shuffled: [fluent(-7)], broken: [] },
    ],
    [
      "answers no more fluent than shuffled ones",
      { on: [five], off: [zero], fluent: [fluent(-7)], shuffled: [fluent(-7)], broken: [] },
    ],
    ["no answers", { on: [], off: [], fluent: [], shuffled: [], broken: [] }],
  ])("refuses %s", (_, options) => {
    expect(
      isCode(
        refusalOf(() => anchors(options)),
        "JUDGE_UNCALIBRATED",
      ),
    ).toBe(true);
  });
});

describe("a calibration binds to what it was made with", () => {
  test("the same set-up passes, also after a round trip through JSON", () => {
    const read = CalibrationSchema.parse(JSON.parse(JSON.stringify(calibration)));
    expect(refusalOf(() => checkCalibration({ calibration: read, identity }))).toBeNull();
  });

  const { model, contrast } = identity;
  test.each([
    ["weights file", { model: { ...model, fileHash: "d".repeat(64) }, contrast }],
    ["weight type", { model: { ...model, weightType: "f32" }, contrast }],
    ["weight mode", { model: { ...model, weightMode: "exact" }, contrast }],
    ["contrast prompts or chat template", { model, contrast: { ...contrast, hash: "d".repeat(64) } }],
    ["contrast size", { model, contrast: { ...contrast, size: 4 } }],
  ])("another %s is refused and named", (name, other) => {
    const refusal = refusalOf(() => checkCalibration({ calibration, identity: other }));
    expect(isCode(refusal, "JUDGE_UNCALIBRATED") && refusal.facts.unequal).toEqual([name]);
  });
});
