import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreementOf, disagreements, type Opinion, type RatedResponse } from "./agreement.ts";

const opinion = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 })
  .map((scores): Opinion => ({ scores, starts: scores.map((_, i) => 100 * i) }));

function rated(pairs: [Opinion | null, Opinion | null][]): RatedResponse[] {
  return pairs.map(([a, b], i) => ({
    key: `trial-${i}`,
    latent: i % 5,
    opinions: new Map([
      ["a", a],
      ["b", b],
    ]),
  }));
}

const judges = { first: "a", second: "b", replicates: 40 };
const one = (score: number): Opinion => ({ scores: [score], starts: [0] });
const two = (x: number, y: number, at = 200): Opinion => ({ scores: [x, y], starts: [0, at] });

describe("agreement", () => {
  test("of a judge with itself is perfect, wherever it is defined", () => {
    fc.assert(
      fc.property(fc.array(opinion, { minLength: 2, maxLength: 30 }), (opinions) => {
        const found = agreementOf({ ...judges, responses: rated(opinions.map((each) => [each, each])) });
        expect(found.both).toBe(opinions.length);
        for (const kappa of [found.multiAttempt, found.attempts, found.improved, found.alpha]) {
          if (kappa.estimate !== null) expect(kappa.estimate).toBeCloseTo(1, 9);
        }
        expect(found.bias.estimate).toBe(0);
        for (const share of [found.direction, found.boundaries]) expect(share.estimate ?? 1).toBe(1);
      }),
      { numRuns: 30 },
    );
  });

  test("a failure is no opinion: it is counted and enters no number", () => {
    const opinions: [Opinion | null, Opinion | null][] = [
      [one(10), one(20)],
      [two(5, 60), two(5, 70)],
      [one(80), one(90)],
    ];
    const without = agreementOf({ ...judges, responses: rated(opinions) });
    const failures: [Opinion | null, Opinion | null][] = [
      [null, one(0)],
      [two(0, 0), null],
      [null, null],
    ];
    const found = agreementOf({ ...judges, responses: rated([...opinions, ...failures]) });
    expect(found).toMatchObject({ both: 3, onlyFirst: 1, onlySecond: 1, neither: 1 });
    for (const key of ["multiAttempt", "pearson", "alpha", "bias", "direction"] as const) {
      expect(found[key].estimate).toBe(without[key].estimate);
    }
  });

  test("a judge without a scored attempt is not one that scores 0", () => {
    const silent: Opinion = { scores: [], starts: [] };
    const found = agreementOf({
      ...judges,
      responses: rated([
        [silent, one(90)],
        [one(40), one(50)],
      ]),
    });
    expect(found.bias).toMatchObject({ estimate: 10, n: 1 });
  });

  test("restarts are the same where they lie within 20 characters", () => {
    const responses = rated([
      [two(0, 50, 200), two(0, 50, 215)],
      [two(0, 50, 200), two(0, 50, 260)],
    ]);
    expect(agreementOf({ ...judges, responses }).boundaries.estimate).toBe(0.5);
  });
});

test("disagreements are listed with the worst first, and small differences of score are none", () => {
  const responses = rated([
    [one(50), one(60)],
    [one(10), one(90)],
    [two(10, 80), two(80, 10)],
    [two(10, 80), one(10)],
    [null, one(10)],
  ]);
  const found = disagreements({ responses, first: "a", second: "b" });
  expect(found.map(({ key, about }) => [key, about])).toEqual([
    ["trial-3", "attempts"],
    ["trial-2", "direction"],
    ["trial-1", "score"],
  ]);
});
