import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attemptRecords,
  FAILED,
  JUDGE,
  judgementRecord,
  manifestRecord,
  trialRecord,
} from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { createRun, openRun } from "./open-store.ts";
import type { JudgementRecord, TrialRecord } from "./records.ts";
import type { RunStore } from "./run-store.ts";
import { type Outcome, outcomeOf, outcomesOf } from "./trial-outcome.ts";
import { neighboursOf, queryTrials, type TrialTableFilter, type TrialTableSort } from "./trial-query.ts";

const MARGIN = 5;
const TEXT = "One moon rises. Then another Größe rises over 100% of the hill, slowly and surely.";
const FAILURES = ["no-attempt", "empty", "refused", "unparsable", "failed"] as const;

const score = fc.option(fc.integer({ min: 0, max: 100 }), { freq: 4 });
const verdict = fc.oneof(
  { weight: 3, arbitrary: fc.array(score, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...FAILURES) },
);
const row = fc.record({
  arm: fc.constantFrom("steered", "ablated"),
  latent: fc.option(fc.integer({ min: 0, max: 3 })),
  strength: fc.double({ min: -50, max: 50, noNaN: true }),
  promptIndex: fc.integer({ min: 0, max: 3 }),
  prompt: fc.constantFrom("How do bees fly?", "What is a MOON?"),
  text: fc.constantFrom(TEXT, "Bees hum.", "GRÖSSE und größe _ here too"),
  failed: fc.boolean(),
  /** In the order of their repeats. */
  verdicts: fc.array(verdict, { maxLength: 2 }),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

interface Stored {
  trial: TrialRecord;
  judgement: JudgementRecord | null;
  outcome: Outcome;
}

function fill(store: RunStore, rows: readonly Row[]): Stored[] {
  return rows.map(({ failed, verdicts, ...fields }, i) => {
    const trial = trialRecord({ key: `key-${i}`, unit: `unit-${i}`, ...fields, ...(failed ? FAILED : {}) });
    store.putTrial(trial);
    const judgements = (failed ? [] : verdicts).map((each, repeat) => {
      const scores = typeof each === "string" ? [] : each;
      const status =
        typeof each === "string" ? each : scores.some((value) => value !== null) ? "scored" : "no-attempt";
      return judgementRecord({ trialKey: trial.key, repeat, status, attempts: attemptRecords(scores) });
    });
    for (const judgement of judgements) store.putJudgement(judgement);
    const judgement = judgements.at(-1) ?? null;
    return { trial, judgement, outcome: outcomeOf({ trial, judgement, margin: MARGIN }) };
  });
}

const scoresOf = ({ judgement }: Stored) =>
  (judgement?.attempts ?? []).flatMap(({ score: value }) => (value === null ? [] : [value]));

const VALUES: Record<TrialTableSort, (each: Stored) => number | null> = {
  order: () => 0,
  latent: ({ trial }) => trial.latent,
  strength: ({ trial }) => trial.strength,
  prompt: ({ trial }) => trial.promptIndex,
  attempts: (each) => (each.judgement === null ? null : scoresOf(each).length),
  first: (each) => scoresOf(each)[0] ?? null,
  last: (each) => scoresOf(each).at(-1) ?? null,
  change: (each) => {
    const scores = scoresOf(each);
    const [first, last] = [scores[0], scores.at(-1)];
    return first === undefined || last === undefined ? null : last - first;
  },
  tokens: ({ trial }) => trial.tokens.length,
};

/** By the rules alone, without a database. */
function expected(
  stored: readonly Stored[],
  filter: TrialTableFilter,
  sort: TrialTableSort,
  direction: "up" | "down",
): string[] {
  const words = (filter.search ?? "").toLowerCase().split(" ").filter(Boolean);
  const sign = direction === "up" || sort === "order" ? 1 : -1;
  const found = stored.filter(
    ({ trial, outcome }) =>
      (filter.arm === undefined || trial.arm === filter.arm) &&
      (filter.latent === undefined || trial.latent === filter.latent) &&
      (filter.prompt === undefined || trial.promptIndex === filter.prompt) &&
      (filter.outcome === undefined || outcomesOf(filter.outcome).includes(outcome)) &&
      words.every(
        (word) => trial.text.toLowerCase().includes(word) || trial.prompt.toLowerCase().includes(word),
      ),
  );
  const value = VALUES[sort];
  const sorted = found.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one - other);
  });
  const keys = sorted.map(({ trial }) => trial.key);
  return sort === "order" && direction === "down" ? keys.reverse() : keys;
}

const filters: fc.Arbitrary<TrialTableFilter> = fc
  .record(
    {
      arm: fc.constantFrom("steered", "ablated", "absent"),
      latent: fc.integer({ min: 0, max: 3 }),
      prompt: fc.integer({ min: 0, max: 3 }),
      outcome: fc.constantFrom(
        "improved",
        "single-attempt",
        "unjudged",
        "errored",
        "scored",
        "multi-attempt",
      ),
      search: fc.constantFrom("moon", "größe RISES", "100%", "_", "bees hum", "x"),
    } as const,
    { requiredKeys: [] },
  )
  .map((filter) => filter);
// the keys of a literal object are exactly its declared fields
const sorts = fc.constantFrom(...(Object.keys(VALUES) as TrialTableSort[]));
const directions = fc.constantFrom("up", "down" as const);

const manifest = manifestRecord({ config: { margin: MARGIN } });

describe("the table of trials", () => {
  it("holds what the filter says in the order of the sort, whatever page is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.array(fc.tuple(filters, sorts, directions), { minLength: 5, maxLength: 10 }),
        async (rows, questions) => {
          await using folder = await temporaryFolder();
          using store = createRun({ dir: folder.path, manifest });
          const stored = fill(store, rows);
          for (const [filter, sort, direction] of questions) {
            const keys = expected(stored, filter, sort, direction);
            const table = { store, filter, sort, direction };
            const pages = [0, 7, 14, 21].map((offset) => queryTrials({ ...table, offset, limit: 7 }));
            expect(pages.map(({ total }) => total)).toEqual(pages.map(() => keys.length));
            expect(pages.flatMap((page) => page.rows.map(({ key }) => key))).toEqual(keys);
            for (const shown of pages.flatMap((page) => page.rows)) {
              const own = stored.find(({ trial }) => trial.key === shown.key);
              expect(shown.outcome).toBe(own?.outcome);
              expect(shown.attempts).toBe(own === undefined ? 0 : scoresOf(own).length);
            }
            for (const [i, key] of keys.entries()) {
              expect(neighboursOf({ ...table, key })).toEqual({
                previous: keys[i - 1] ?? null,
                next: keys[i + 1] ?? null,
              });
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it("shows the label, the beginning of the response, and what was found in it", async () => {
    await using folder = await temporaryFolder();
    using store = createRun({ dir: folder.path, manifest });
    store.putLatents([{ latent: 7, label: "bees" }]);
    const long = `${"word ".repeat(100)}Found it. ${"word ".repeat(100)}`;
    store.putTrial(trialRecord({ text: long }));
    const common = { store, sort: "order", direction: "up", offset: 0, limit: 1 } as const;
    const [plain] = queryTrials({ ...common, filter: {} }).rows;
    expect(plain).toMatchObject({
      label: "bees",
      outcome: "unjudged",
      attempts: 0,
      firstScore: null,
      tokens: 3,
    });
    expect(plain?.excerpt).toMatch(/^word .*…$/);
    const [found] = queryTrials({ ...common, filter: { search: "found" } }).rows;
    expect(found?.excerpt).toMatch(/^….*Found it\..*…$/);
    expect(neighboursOf({ ...common, filter: {}, key: "absent" })).toEqual({ previous: null, next: null });
  });

  it("follows what is written, by this connection or another", async () => {
    await using folder = await temporaryFolder();
    using writer = createRun({ dir: folder.path, manifest });
    using reader = openRun({ dir: folder.path, mode: "read" });
    const outcomes = (store: RunStore) =>
      queryTrials({ store, filter: {}, sort: "order", direction: "up", offset: 0, limit: 9 }).rows.map(
        ({ outcome }) => outcome,
      );
    writer.putTrial(trialRecord(FAILED));
    expect([outcomes(writer), outcomes(reader)]).toEqual([["errored"], ["errored"]]);
    writer.retryTrial(trialRecord());
    expect([outcomes(writer), outcomes(reader)]).toEqual([["unjudged"], ["unjudged"]]);
    writer.putJudgement(judgementRecord({ status: "failed", attempts: [] }));
    expect([outcomes(writer), outcomes(reader)]).toEqual([["failed"], ["failed"]]);
    writer.retryJudgement(judgementRecord({ attempts: attemptRecords([10, 90]) }));
    expect([outcomes(writer), outcomes(reader)]).toEqual([["improved"], ["improved"]]);
    writer.putJudgement(judgementRecord({ repeat: 1, attempts: attemptRecords([50]) }));
    expect([outcomes(writer), outcomes(reader)]).toEqual([["single-attempt"], ["single-attempt"]]);
  });

  it("takes a judgement that something else has changed as it is now, and refuses one that is none", async () => {
    await using folder = await temporaryFolder();
    const dir = folder.path;
    const writer = createRun({ dir, manifest });
    writer.putTrial(trialRecord());
    writer.putJudgement(judgementRecord({ attempts: attemptRecords([10, 90]) }));
    writer.close();
    const change = (attempts: string) => {
      const db = new DatabaseSync(path.join(dir, "run.sqlite"));
      db.prepare("UPDATE judgements SET attempts = ? WHERE judge = ?").run(attempts, JUDGE);
      db.close();
    };
    using reader = openRun({ dir, mode: "read" });
    const first = () =>
      queryTrials({ store: reader, filter: {}, sort: "order", direction: "up", offset: 0, limit: 1 }).rows[0];
    expect(first()?.outcome).toBe("improved");
    change(JSON.stringify(attemptRecords([90, 10])));
    expect(first()).toMatchObject({ outcome: "not-improved", firstScore: 90, lastScore: 10 });
    change("[]");
    expect(() => first()).toThrow(/judgements/);
    try {
      openRun({ dir, mode: "write" });
      expect.unreachable();
    } catch (error) {
      expect(isCode(error, "STORE_CORRUPT")).toBe(true);
    }
  });
});
