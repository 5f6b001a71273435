import fc from "fast-check";
import { expect, it } from "vitest";
import { makeRun, type Outcome } from "../../test/support/made-run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { JudgedFact } from "../store/fact-columns.ts";
import { queryTrials, type TrialTableFilter } from "../store/trial-query.ts";
import { storedFacts, trialSet } from "./outcomes.ts";
import { summarise } from "./summarise.ts";

const score = fc.option(fc.integer({ min: 0, max: 100 }), { freq: 4 });
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constantFrom("errored", "unjudged"),
  fc.constantFrom("empty", "refused", "unparsable", "failed").map((status) => ({ status }) as const),
  fc.array(score, { maxLength: 4 }).map((scores) => ({
    status: scores.some((each) => each !== null) ? ("scored" as const) : ("no-attempt" as const),
    scores,
  })),
);

it("the table of trials counts as the report does, and facts in the file are those of the records", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 30 }), async (outcomes) => {
      await using folder = await temporaryFolder();
      using store = makeRun({ dir: folder.path, outcomes });
      const shown = (choice: NonNullable<TrialTableFilter["outcome"]>) =>
        queryTrials({
          store,
          filter: { outcome: choice },
          sort: "order",
          direction: "up",
          offset: 0,
          limit: 1,
        }).total;
      const [arm] = summarise({ store, replicates: 10 }).arms;
      if (arm !== undefined) {
        const { counts } = arm;
        expect({
          scored: shown("scored"),
          multiAttempt: shown("multi-attempt"),
          improved: shown("improved"),
          noAttempt: shown("no-attempt"),
          refused: shown("refused"),
          empty: shown("empty"),
          unparsable: shown("unparsable"),
          failed: shown("failed"),
          unjudged: shown("unjudged"),
          errored: shown("errored"),
        }).toEqual({
          scored: counts.scored,
          multiAttempt: counts.multiAttempt,
          improved: counts.improved,
          noAttempt: counts.noAttempt,
          refused: counts.refused,
          empty: counts.empty,
          unparsable: counts.unparsable,
          failed: counts.failed,
          unjudged: counts.unjudged,
          errored: counts.errored,
        });
      }
      const made = trialSet(store.judged());
      const stored = storedFacts({ store }).whole;
      expect(plain(stored.facts.length, (i) => stored.at(i))).toEqual(
        plain(made.facts.length, (i) => made.at(i)),
      );
    }),
    { numRuns: 40 },
  );
}, 60_000);

const FIELDS = [
  "key",
  "arm",
  "unit",
  "latent",
  "promptIndex",
  "failed",
  "degraded",
  "finish",
  "meanDose",
  "status",
  "scored",
  "first",
  "last",
  "firstLength",
  "lastLength",
  "recovered",
  "sizes",
] as const satisfies (keyof JudgedFact)[];

function plain(length: number, at: (i: number) => JudgedFact) {
  return Array.from({ length }, (_, i) => Object.fromEntries(FIELDS.map((field) => [field, at(i)[field]])));
}
