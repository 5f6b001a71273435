import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ratioOf } from "./clusters.ts";
import { RATE_BOUNDS, type RateName, rateObservations } from "./rate-observations.ts";
import { computeRates, marginSensitivity, type TrialOutcome } from "./rates.ts";

const judged = (...scores: (number | null)[]): TrialOutcome => ({ status: "judged", scores });

/** METHOD.md appendix B, item 5. */
const HAND_MADE: TrialOutcome[] = [
  { status: "errored" },
  { status: "refused", degraded: true },
  { status: "unparsable" },
  judged(),
  judged(null, null),
  judged(null, 40),
  judged(80),
  judged(30, 30),
  { ...judged(20, 60), degraded: true },
  judged(70, 10),
  judged(10, 95, 15),
];

const outcome: fc.Arbitrary<TrialOutcome> = fc.oneof(
  fc.record({ status: fc.constantFrom("refused", "unparsable", "errored"), degraded: fc.boolean() }),
  fc.record({
    status: fc.constant("judged"),
    scores: fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { maxLength: 4 }),
    degraded: fc.boolean(),
  }),
);
const outcomes = fc.array(outcome, { maxLength: 40 });

describe("a hand-made set of trials", () => {
  const rates = computeRates({ outcomes: HAND_MADE });

  test("every denominator", () => {
    expect(rates.counts).toEqual({
      generated: 11,
      judged: 6,
      refused: 1,
      empty: 1,
      unscored: 1,
      unparsable: 1,
      errored: 1,
      degraded: 2,
      excluded: 0,
      multiAttempt: 4,
      improved: 2,
      worsened: 1,
    });
  });

  test("rates with the paper's standard errors; equal scores are no success, the last of three counts", () => {
    expect(rates.multiAttemptRate).toMatchObject({ successes: 4, n: 6, estimate: 4 / 6 });
    expect(rates.improvementRate).toMatchObject({ successes: 2, n: 4, estimate: 0.5, standardError: 0.25 });
    expect(rates.esrRate).toMatchObject({ successes: 2, n: 6, estimate: 2 / 6 });
    expect(rates.esrRate.standardError).toBeCloseTo(Math.sqrt(2 / 9 / 6), 12);
  });

  test("both mean score improvements", () => {
    // deltas 0, 40, -60, 5
    expect(rates.conditionalImprovement).toMatchObject({ n: 4, mean: -15 / 4 });
    expect(rates.conditionalImprovement.standardError).toBeCloseTo(Math.sqrt(5168.75 / 3 / 4), 10);
    expect(rates.unconditionalImprovement.n).toBe(6);
    expect(rates.unconditionalImprovement.mean).toBeCloseTo(-15 / 6, 12);
    expect(rates.firstScore.mean).toBeCloseTo((40 + 80 + 30 + 20 + 70 + 10) / 6, 12);
    expect(rates.lastScore.mean).toBeCloseTo((40 + 80 + 30 + 60 + 10 + 15) / 6, 12);
  });

  test("degraded responses leave every rate when excluded, and are counted", () => {
    const { counts } = computeRates({ outcomes: HAND_MADE, excludeDegraded: true });
    expect(counts).toMatchObject({
      generated: 11,
      judged: 5,
      refused: 0,
      excluded: 2,
      degraded: 2,
      improved: 1,
    });
  });

  test("the margin is strict", () => {
    const at = marginSensitivity({ outcomes: HAND_MADE, margins: [0, 4.9, 5, 39, 40] });
    expect(at.map((row) => row.improved)).toEqual([2, 2, 1, 1, 0]);
    expect(() => computeRates({ outcomes: [], margin: -1 })).toThrow(RangeError);
  });
});

test("every generated trial is in exactly one count", () => {
  fc.assert(
    fc.property(outcomes, fc.boolean(), (trials, excludeDegraded) => {
      const { counts: c } = computeRates({ outcomes: trials, excludeDegraded });
      expect(c.judged + c.refused + c.empty + c.unscored + c.unparsable + c.errored + c.excluded).toBe(
        c.generated,
      );
      expect(c.improved + c.worsened).toBeLessThanOrEqual(c.multiAttempt);
      expect(c.multiAttempt).toBeLessThanOrEqual(c.judged);
    }),
  );
});

test("a judge failure is not a score: adding failures changes no rate", () => {
  fc.assert(
    fc.property(
      outcomes,
      fc.constantFrom("refused" as const, "unparsable" as const, "errored" as const),
      (t, status) => {
        const { counts: before, ...rates } = computeRates({ outcomes: t });
        const { counts: after, ...same } = computeRates({ outcomes: [...t, { status }] });
        expect(same).toEqual(rates);
        expect(after[status]).toBe(before[status] + 1);
      },
    ),
  );
});

test("a larger margin never finds more successes", () => {
  fc.assert(
    fc.property(outcomes, (trials) => {
      const found = marginSensitivity({ outcomes: trials, margins: [0, 1, 10, 50, 100] }).map(
        (row) => row.improved,
      );
      expect(found).toEqual([...found].sort((x, y) => y - x));
    }),
  );
});

test("no trials and no multi-attempt trials give no rate rather than 0", () => {
  const nothing = computeRates({ outcomes: [] });
  expect(nothing.esrRate).toMatchObject({ estimate: null, standardError: null, lower: 0, upper: 1, n: 0 });
  expect(nothing.conditionalImprovement).toEqual({ n: 0, mean: null, variance: null, standardError: null });
  const single = computeRates({ outcomes: [judged(50)] });
  expect(single.improvementRate.estimate).toBeNull();
  expect(single.esrRate.estimate).toBe(0);
});

test("the bootstrapped statistics are the printed ones, within their bounds", () => {
  fc.assert(
    fc.property(outcomes, fc.constantFrom(0, 10), fc.boolean(), (trials, margin, excludeDegraded) => {
      const rates = computeRates({ outcomes: trials, margin, excludeDegraded });
      const clustered = trials.map((trial, i) => ({ ...trial, latent: i % 3, prompt: i % 2 }));
      const expected: Record<RateName, number | null> = {
        "multi-attempt": rates.multiAttemptRate.estimate,
        improvement: rates.improvementRate.estimate,
        esr: rates.esrRate.estimate,
        "conditional-improvement": rates.conditionalImprovement.mean,
        "unconditional-improvement": rates.unconditionalImprovement.mean,
        "first-score": rates.firstScore.mean,
      };
      // Object.keys forgets that the record has exactly these keys
      for (const rate of Object.keys(RATE_BOUNDS) as RateName[]) {
        const observations = rateObservations({ outcomes: clustered, rate, margin, excludeDegraded });
        const value = ratioOf(observations);
        expect(value === null).toBe(expected[rate] === null);
        expect(value ?? 0).toBeCloseTo(expected[rate] ?? 0, 10);
        expect(value ?? RATE_BOUNDS[rate].lower).toBeGreaterThanOrEqual(RATE_BOUNDS[rate].lower);
        expect(value ?? RATE_BOUNDS[rate].upper).toBeLessThanOrEqual(RATE_BOUNDS[rate].upper);
      }
    }),
  );
});
