/**
 * Invariant 7. The failure that this prevents was made in print: an unparsable reply read as 0 lowers a mean score, and a reply left out
 * in silence raises a rate.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeRun, type Outcome } from "../../test/support/made-run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { summarise } from "./summarise.ts";

const scored = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 })
  .map((scores): Outcome => ({ status: "scored", scores }));
const failure = fc
  .constantFrom("empty" as const, "refused" as const, "unparsable" as const, "failed" as const)
  .map((status): Outcome => ({ status }));

async function armOf(outcomes: Outcome[]) {
  await using folder = await temporaryFolder();
  using store = makeRun({ dir: folder.path, outcomes });
  const [arm] = summarise({ store, replicates: 50 }).arms;
  if (arm === undefined) {
    throw new Error("the made run has no arm");
  }
  return arm;
}

test("judge failures change no score and no rate, and each is counted under its own name", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(scored, { minLength: 1, maxLength: 8 }),
      fc.array(failure, { minLength: 1, maxLength: 8 }),
      async (good, bad) => {
        const without = await armOf(good);
        const withFailures = await armOf([...good, ...bad]);
        expect(withFailures.firstScore.estimate).toBe(without.firstScore.estimate);
        for (const rate of ["multiAttempt", "esr", "improvement"] as const) {
          expect(withFailures[rate].successes).toBe(without[rate].successes);
          expect(withFailures[rate].n).toBe(without[rate].n);
        }
        const { empty, refused, unparsable, failed } = withFailures.counts;
        const expected = (status: string) =>
          bad.filter((outcome) => typeof outcome === "object" && outcome.status === status).length;
        expect({ empty, refused, unparsable, failed }).toEqual({
          empty: expected("empty"),
          refused: expected("refused"),
          unparsable: expected("unparsable"),
          failed: expected("failed"),
        });
      },
    ),
    { numRuns: 12 },
  );
});

test("the store refuses a failure that carries a score", async () => {
  await using folder = await temporaryFolder();
  expect(() => makeRun({ dir: folder.path, outcomes: [{ status: "unparsable", scores: [0] }] })).toThrow();
});
