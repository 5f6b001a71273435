import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { STEERED_FILE } from "../../test/support/reference-results.ts";
import { FAILED, judgementRecord, manifestRecord, trialRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { steeredArm, unsteeredArm } from "../experiment/arms.ts";
import { declareArms } from "../experiment/declare-arms.ts";
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

it("what an arm ablates and which prompt it adds stand where the reference has them, and come back", async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, "run");
  mkdirSync(dir);
  using store = createRun({ dir, manifest: manifestRecord() });
  const metaPrompt = { text: "Stay with the question.", place: "after", judged: true } as const;
  const whole = { latents: [3, 1], value: 0, share: 1 };
  const arms = declareArms({
    arms: [
      steeredArm(),
      steeredArm({ name: "ablated", ablation: whole }),
      steeredArm({ name: "meta-stay", metaPrompt }),
      unsteeredArm({ name: "ablated-unsteered", ablation: whole }),
      steeredArm({ name: "partly", ablation: { ...whole, share: 0.5 } }),
      steeredArm({ name: "raised", ablation: { ...whole, value: 2 } }),
    ],
    context: { saeHash: "sae-hash", layer: 15 },
  });
  store.putArms(arms.map(({ name, content }) => ({ name, content })));
  const files = arms.map(({ name }) => {
    store.putTrial(trialRecord({ key: name, arm: name, unit: "one unit" }));
    const file = join(folder.path, `${name}.json`);
    writeFileSync(file, [...exportReference({ store, arm: name })].join(""));
    return file;
  });
  const written = (name: string): unknown =>
    JSON.parse(readFileSync(join(folder.path, `${name}.json`), "utf8"));
  for (const name of ["ablated", "ablated-unsteered"]) {
    expect(written(name)).toMatchObject({ ablated_latents: [3, 1], num_ablated_latents: 2 });
  }
  expect(written("meta-stay")).toMatchObject({
    experiment_metadata: {
      prompt_variant_id: "meta-stay",
      prompt_variant_template: "Stay with the question.",
      source_results_file: null,
    },
  });
  for (const name of ["steered", "meta-stay", "partly", "raised"]) {
    expect(written(name)).not.toHaveProperty("ablated_latents");
  }
  // what the reference's form can't say is kept beside it
  expect(written("partly")).toMatchObject({ countersteer: { content: { ablate: { share: 0.5 } } } });
  const again = join(folder.path, "again");
  importReference({ files, dir: again, packageVersion: "1" });
  using imported = openRun({ dir: again, mode: "read" });
  const content = new Map(imported.arms().map((arm) => [arm.name, arm.content]));
  expect([...content.keys()].sort()).toEqual(arms.map(({ name }) => name).sort());
  expect(content.get("ablated")).toMatchObject({ steer: "sae-latent", ablated: [3, 1], metaPrompt: null });
  expect(content.get("ablated-unsteered")).toMatchObject({ steer: null, ablated: [3, 1] });
  const variant = { id: "meta-stay", template: "Stay with the question." };
  expect(content.get("meta-stay")).toMatchObject({ ablated: null, metaPrompt: variant });
  const twice: unknown = JSON.parse([...exportReference({ store: imported, arm: "meta-stay" })].join(""));
  expect(twice).toMatchObject({
    experiment_metadata: { prompt_variant_id: variant.id, prompt_variant_template: variant.template },
  });
});
