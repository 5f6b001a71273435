import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { STEERED_FILE } from "../../test/support/reference-results.ts";
import { FAILED, judgementRecord, manifestRecord, trialRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { importReference } from "../experiment/import-reference.ts";
import { summarise } from "../report/summarise.ts";
import { isDegraded } from "../stats/degraded.ts";
import { createRun, openRun } from "../store/open-store.ts";
import { JUDGEMENT_STATUSES } from "../store/records.ts";
import { exportReference } from "../store/reference/export.ts";
import type { RunStore } from "../store/run-store.ts";

const ARMS = ["steered", "unsteered"];

const word = fc.constantFrom("bees", "hum", "wait,", "eggs", "“no”", "é", "👍", "no.");
const trial = fc.record({
  arm: fc.constantFrom(...ARMS),
  latent: fc.integer({ min: 0, max: 3 }),
  strength: fc.constantFrom(4, 7.5),
  prompt: fc.constantFrom("How do I bake bread?", "How do I darn a sock?"),
  parts: fc.array(
    fc.record({
      words: fc.array(word, { minLength: 1, maxLength: 8 }),
      score: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  became: fc.constantFrom("errored", "unjudged", "scored", ...JUDGEMENT_STATUSES),
});
type Made = typeof trial extends fc.Arbitrary<infer T> ? T : never;

function put(store: RunStore, { arm, latent, strength, prompt, parts, became }: Made, index: number): void {
  const key = `trial-${index}`;
  const texts = parts.map(({ words }) => words.join(" "));
  const text = texts.join(" ");
  const common = { key, arm, latent, strength, prompt, promptIndex: prompt.length, seed: index };
  store.putTrial(
    trialRecord({ ...common, text, degraded: isDegraded(text), ...(became === "errored" ? FAILED : {}) }),
  );
  if (became === "errored" || became === "unjudged") return;
  let start = 0;
  const attempts = texts.map((each, i) => {
    const at = start;
    start += each.length + 1;
    return {
      start: at,
      end: at + each.length,
      restartPhrase: null,
      score: became === "scored" ? (parts[i]?.score ?? (i === 0 ? 50 : null)) : null,
      components: {},
    };
  });
  const judged = became === "scored" || became === "no-attempt";
  store.putJudgement(
    judgementRecord({ trialKey: key, status: became, attempts: judged ? attempts : [], detail: {} }),
  );
}

/** Everything that a report of the run counts. */
function ratesOf(store: RunStore) {
  return Object.fromEntries(
    summarise({ store, replicates: 5 }).arms.map(
      ({ arm, counts, firstScore, esr, multiAttempt, improvement }) => [
        arm,
        { counts, firstScore, esr, multiAttempt, improvement },
      ],
    ),
  );
}

async function again(folder: string, store: RunStore, arms: readonly string[], judge?: string) {
  const by = judge === undefined ? {} : { judge };
  const files = arms.map((arm) => {
    const file = join(folder, `${arm}.json`);
    writeFileSync(file, [...exportReference({ store, arm, ...by })].join(""));
    return file;
  });
  const dir = join(folder, "again");
  importReference({ files, dir, packageVersion: "1" });
  using imported = openRun({ dir, mode: "read" });
  return ratesOf(imported);
}

it("a run that is exported and imported has the same rates and the same denominators", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trial, { minLength: 1, maxLength: 25 }), async (trials) => {
      await using folder = await temporaryFolder();
      const dir = join(folder.path, "run");
      mkdirSync(dir);
      using store = createRun({ dir, manifest: manifestRecord() });
      store.putArms([
        { name: "steered", content: { steer: "sae-latent" } },
        { name: "unsteered", content: { steer: null } },
      ]);
      trials.forEach((each, i) => {
        put(store, each, i);
      });
      expect(await again(folder.path, store, ARMS)).toEqual(ratesOf(store));
    }),
    { numRuns: 25 },
  );
});

it("an imported run as its judge gave it stays what it was when it is exported and imported again", async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, "first");
  importReference({ files: [STEERED_FILE], dir, packageVersion: "1" });
  using store = openRun({ dir, mode: "read" });
  // an attempt that was not in the response must not be found there because its guessed span was exported
  expect(await again(folder.path, store, ["steered"], "reference-raw/1")).toEqual(ratesOf(store));
});
