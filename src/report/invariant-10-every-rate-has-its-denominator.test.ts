/** Invariant 10: generated, judged, refused, degraded, errored, multi-attempt and improved stand beside every rate, and add up. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeRun, type Outcome } from "../../test/support/made-run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { JUDGEMENT_STATUSES } from "../store/records.ts";
import { summarise } from "./summarise.ts";
import { summaryText } from "./table.ts";

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom<Outcome>("errored", "unjudged"),
  fc
    .constantFrom(...JUDGEMENT_STATUSES)
    .chain(
      (status): fc.Arbitrary<Outcome> =>
        status === "scored"
          ? fc
              .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
              .map((scores) => ({ status, scores }))
          : fc.constant({ status }),
    ),
);

test("every trial is in exactly one count of each partition, and every rate names the count it is of", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { minLength: 1, maxLength: 14 }), async (outcomes) => {
      await using folder = await temporaryFolder();
      using store = makeRun({ dir: folder.path, outcomes });
      const summary = summarise({ store, replicates: 50 });
      const [arm] = summary.arms;
      const c = arm?.counts;
      if (arm === undefined || c === undefined) {
        throw new Error("the made run has no arm");
      }
      expect(c.trials).toBe(outcomes.length);
      expect(c.errored + c.generated).toBe(c.trials);
      expect(c.judged + c.unjudged).toBe(c.generated);
      expect(c.scored + c.noAttempt + c.refused + c.empty + c.unparsable + c.failed).toBe(c.judged);
      expect(c.improved + c.worsened).toBeLessThanOrEqual(c.multiAttempt);
      expect([arm.multiAttempt.n, arm.esr.n, arm.improvement.n]).toEqual([
        c.scored,
        c.scored,
        c.multiAttempt,
      ]);
      expect([arm.multiAttempt.successes, arm.esr.successes]).toEqual([c.multiAttempt, c.improved]);
      const text = summaryText({ summary, color: false });
      expect(text).toContain(`${c.multiAttempt}/${c.scored}`);
      for (const name of [
        "errored",
        "generated",
        "degraded",
        "judged",
        "refused",
        "multi-attempt",
        "improved",
      ]) {
        expect(text).toContain(name);
      }
    }),
    { numRuns: 20 },
  );
});
