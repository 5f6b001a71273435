import fc from "fast-check";
import { expect, test } from "vitest";
import { isCode } from "../../errors.ts";
import { findStrength, type Measured } from "./find-strength.ts";

const TOLERANCE = 0.02;

/** Curves that begin at 0 and grow, as steering's do: like a power, then slower. */
const curve = fc
  .record({
    power: fc.double({ min: 0.5, max: 4, noNaN: true }),
    scale: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    most: fc.double({ min: 5, max: 50, noNaN: true }),
  })
  .map(({ power, scale, most }) => (strength: number) => {
    const growing = (strength / scale) ** power;
    return (most * growing) / (most + growing);
  });

function measuring(of: (strength: number) => number) {
  const asked: number[] = [];
  const measure = async (strength: number): Promise<Measured> => {
    asked.push(strength);
    return { strength, kl: of(strength) };
  };
  return { asked, measure };
}

test("finds the budget within its tolerance on any growing curve, from any start", async () => {
  await fc.assert(
    fc.asyncProperty(
      curve,
      fc.double({ min: 0.01, max: 4, noNaN: true }),
      fc.double({ min: 0.05, max: 500, noNaN: true }),
      async (of, nats, start) => {
        const { asked, measure } = measuring(of);
        const { point, measured } = await findStrength({
          nats,
          known: [],
          start,
          measure,
          tolerance: TOLERANCE,
        });
        expect(Math.abs(point.kl - nats)).toBeLessThanOrEqual(TOLERANCE * nats + 1e-6 * nats);
        expect(point.kl).toBe(of(point.strength));
        expect(measured.map(({ strength }) => strength)).toEqual(asked);
        expect(asked.every((strength) => strength > 0)).toBe(true);
      },
    ),
  );
});

test("asks nothing where a known point lies within the tolerance, and little where known points enclose the budget", async () => {
  const of = (strength: number) => strength ** 2 / 100;
  const known = [2, 9, 20].map((strength) => ({ strength, kl: of(strength) }));
  const near = measuring(of);
  const found = await findStrength({
    nats: 0.815,
    known,
    start: 1,
    measure: near.measure,
    tolerance: TOLERANCE,
  });
  expect(found).toEqual({ point: known[1], measured: [] });
  const between = measuring(of);
  await findStrength({ nats: 2, known, start: 1, measure: between.measure, tolerance: TOLERANCE });
  expect(between.asked).toHaveLength(1);
  expect(between.asked[0]).toBeCloseTo(Math.sqrt(200), 6);
});

test("gives the nearest point where the divergence jumps over the budget", async () => {
  const { asked, measure } = measuring((strength) => (strength < 3 ? 0.1 : 5));
  const { point } = await findStrength({ nats: 1, known: [], start: 1, measure, tolerance: TOLERANCE });
  expect(point.kl).toBe(0.1);
  expect(asked.length).toBeLessThan(60);
});

test("refuses a budget that no strength reaches", async () => {
  const { measure } = measuring((strength) => strength / (1 + strength));
  const found = findStrength({ nats: 2, known: [], start: 1, measure, tolerance: TOLERANCE });
  await expect(found).rejects.toSatisfy((error) => isCode(error, "CONFIG_INVALID"));
});
