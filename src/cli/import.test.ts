import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawFrom, mutate } from "../../test/support/mutate.ts";
import {
  ABLATED_FILE,
  STEERED_FILE,
  steeredResults,
  writeResults,
} from "../../test/support/reference-results.ts";
import { manifestRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError, isCode } from "../errors.ts";
import { type ImportReferenceOptions, importReference } from "../experiment/import-reference.ts";
import { compareArms } from "../report/compare.ts";
import { runReport, runReportText } from "../report/run-report.ts";
import { summarise } from "../report/summarise.ts";
import { assertComparable } from "../store/comparable.ts";
import { openRun } from "../store/open-store.ts";
import type { RunStore } from "../store/run-store.ts";

type Changes = Partial<Omit<ImportReferenceOptions, "dir">>;

/** Imports into a temporary folder and looks at the run. */
async function withImport<T>(changes: Changes, work: (store: RunStore, dir: string) => T): Promise<T> {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, "run");
  importReference({ files: [STEERED_FILE], dir, packageVersion: "1.2.3", ...changes });
  using store = openRun({ dir, mode: "read" });
  return await work(store, dir);
}

async function withWritten<T>(
  written: { results: unknown; name?: string }[],
  work: (store: RunStore) => T,
  changes: Changes = {},
): Promise<T> {
  await using folder = await temporaryFolder();
  const files = written.map((each, i) =>
    writeResults({ folder: folder.path, name: `experiment_results_M_20260101_00000${i}.json`, ...each }),
  );
  return await withImport({ files, ...changes }, work);
}

async function refusal(work: () => Promise<unknown>): Promise<CountersteerError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  return expect.fail("not refused");
}

function countsOf(store: RunStore, judge?: string) {
  const [arm] = summarise({ store, ...(judge === undefined ? {} : { judge }), replicates: 10 }).arms;
  const { trials, judged, scored, noAttempt, unparsable, failed, multiAttempt, improved, worsened } =
    arm?.counts ?? expect.fail();
  return { trials, judged, scored, noAttempt, unparsable, failed, multiAttempt, improved, worsened };
}

describe("rates", () => {
  it("as given they are the reference's: N, M and I of METHOD.md 1", async () => {
    const counts = await withImport({}, (store) => countsOf(store, "reference-raw/1"));
    expect(counts).toEqual({
      trials: 11,
      judged: 11,
      scored: 8,
      noAttempt: 1,
      unparsable: 2,
      failed: 0,
      multiAttempt: 6,
      improved: 3,
      worsened: 2,
    });
  });

  it("by default only attempts that are in the responses count", async () => {
    const counts = await withImport({}, (store) => countsOf(store));
    expect(counts).toEqual({
      trials: 11,
      judged: 11,
      scored: 7,
      noAttempt: 1,
      unparsable: 3,
      failed: 0,
      multiAttempt: 4,
      improved: 1,
      worsened: 2,
    });
  });
});

describe("the run", () => {
  it("says where it comes from, what the file states, and what nobody knows", async () => {
    await withImport({}, (store) => {
      const manifest = store.manifest();
      expect(manifest).toMatchObject({
        design: "imported",
        packageVersion: "1.2.3",
        gitCommit: null,
        seed: null,
        target: 30,
        layer: null,
        model: { path: "meta-llama/Meta-Llama-3.1-8B-Instruct", layers: null, weightType: "unknown" },
        judge: {
          id: "reference/1",
          describe: {
            model: "claude-sonnet-4-5-20250929",
            folder: "claude_haiku_4_5_20251001_judge",
            temperature: null,
          },
        },
        sampling: { maxTokens: 512, repetitionPenalty: null },
        config: { imported: true, files: [{ date: "20251104", stated: { threshold_prior_std: 10 } }] },
      });
      expect(manifest.templateHash).toMatch(/^unknown:/);
    });
  });

  it("holds latents, thresholds and trials", async () => {
    await withImport({}, (store) => {
      expect(store.arms().map(({ name }) => name)).toEqual(["steered"]);
      expect(store.latents()).toMatchObject([
        { latent: 7, label: "bees and beekeeping" },
        { latent: 12, label: "harbours and docks" },
        { latent: 20, label: null },
        {
          latent: 30,
          label: "lighthouses",
          detail: { error: "Too many judge errors while searching the threshold" },
        },
      ]);
      expect(store.thresholds()).toMatchObject([
        { latent: 7, strength: 12.25, lower: 0, upper: 50, queries: [], warning: null },
        { latent: 12, strength: 50, warning: "high" },
        { latent: 20, strength: 31.5 },
      ]);
      const [first] = store.trials();
      expect(first).toMatchObject({
        latent: 7,
        strength: 12.25,
        seed: 101,
        finish: "unknown",
        receipt: null,
        promptIndex: 0,
      });
    });
  });

  it("is reported with what was not verified", async () => {
    const text = await withImport({}, (store) =>
      runReportText({ report: runReport({ store }), color: false, width: 400 }),
    );
    expect(text).toContain("Attempt boundaries are not verified: the judge's 16 attempts");
    expect(text).toContain("14 are there, 0 nearly or by their first words, 2 are not.");
    expect(text).toContain("1 of 4 latents (counted in each file) failed");
    expect(text).toContain("repetition penalty");
    expect(text).toMatch(/cut off at the limit: one attempt\W+unknown/);
    expect(text).not.toMatch(/null|undefined|NaN/);
  });
});

describe("arms", () => {
  it("of files that replay the same latents, prompts and seeds pair", async () => {
    await withImport({ files: [STEERED_FILE, ABLATED_FILE] }, (store) => {
      expect(store.arms().map(({ name }) => name)).toEqual(["steered", "steered+ablated-3"]);
      expect(store.latents({ role: "detector" }).map(({ latent }) => latent)).toEqual([37536, 61420, 7517]);
      const compared = compareArms({
        reference: { store, arm: "steered" },
        treatment: { store, arm: "steered+ablated-3" },
        outcome: "multi-attempt",
        replicates: 50,
      });
      expect(compared.table).toEqual({ both: 3, onlyFirst: 1, onlySecond: 0, neither: 3 });
      expect(compared).toMatchObject({ pairs: 7, unpaired: { reference: 1, treatment: 0 } });
    });
  });

  it("of files with other seeds pair with nothing, and the report says how many are unpaired", async () => {
    const results = steeredResults();
    const meta = { ...steeredResults(), experiment_metadata: { prompt_variant_id: "self_monitor" } };
    for (const { trials } of meta.results_by_feature) for (const trial of trials ?? []) trial.seed += 1000;
    await withWritten([{ results }, { results: meta }], (store) => {
      const report = runReport({ store });
      expect(report.comparisons).toMatchObject([{ pairs: 0, unpaired: { reference: 11, treatment: 11 } }]);
      expect(runReportText({ report, color: false, width: 200 })).not.toMatch(/NaN|undefined|null/);
    });
  });

  it("are told apart by what the files hold", async () => {
    const results = steeredResults();
    const config = results.experiment_config;
    const unsteered = { ...results, experiment_config: { ...config, disable_steering: true } };
    const meta = {
      ...results,
      experiment_metadata: {
        prompt_variant_id: "self_monitor",
        prompt_variant_template: "If you drift, stop.",
      },
    };
    const sweep = {
      ...results,
      n_boost_levels: 2,
      boost_range_std: 3,
      boost_levels: [1, 2],
      threshold_cache_stats: { mean: 1, std: 2 },
    };
    const names = (written: { results: unknown; name?: string }[]) =>
      withWritten(written, (store) => store.arms().map(({ name }) => name));
    expect(await names([{ results: unsteered }, { results: meta }])).toEqual([
      "unsteered",
      "steered+self_monitor",
    ]);
    expect(await names([{ results: sweep, name: "experiment_multi_boost_M_20260101_000000.json" }])).toEqual([
      "steered",
    ]);
    const random = "experiment_results_M_20260101_000000_random_ablation_set1.json";
    expect(await names([{ results: { ...results, ablated_latents: [1, 2] }, name: random }])).toEqual([
      "steered+random-set-1+ablated-2",
    ]);
    expect(
      await names([{ results, name: "experiment_results_M_20260101_000000_with_ablation.json" }]),
    ).toEqual(["steered+ablated"]);
  });

  it("of one name must be one arm; names that are given come first", async () => {
    const results = steeredResults();
    const written = [
      { results: { ...results, ablated_latents: [1, 2] } },
      { results: { ...results, ablated_latents: [3, 4] } },
    ];
    const error = await refusal(() => withWritten(written, () => null));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.why).toContain("--arm");
    const names = await withWritten(written, (store) => store.arms().map(({ name }) => name), {
      armNames: ["a", "b"],
    });
    expect(names).toEqual(["a", "b"]);
  });

  it("pool files of equal content, and a trial that stands in both counts once", async () => {
    const results = steeredResults();
    const partial = { ...results, results_by_feature: results.results_by_feature.slice(0, 1) };
    await withWritten([{ results }, { results: partial }], (store) => {
      expect(countsOf(store).trials).toBe(11);
      expect(runReport({ store }).imported?.counts).toMatchObject({ trials: 16, duplicates: 5, stored: 11 });
    });
  });

  it("keep another response to the same latent, prompt and seed as a further unit", async () => {
    const results = steeredResults();
    const again = steeredResults();
    for (const { trials } of again.results_by_feature)
      for (const trial of trials ?? []) trial.response += " Good luck.";
    await withWritten([{ results }, { results: again }], (store) => {
      expect(countsOf(store).trials).toBe(22);
      expect(runReport({ store }).imported?.counts).toMatchObject({ duplicates: 0, repeatedUnits: 11 });
    });
  });
});

describe("unequal files", () => {
  it.each([
    ["model", { model_name: "google/gemma-2-9b-it" }],
    ["judge", { judge_model_name: "claude-3-5-haiku-20241022" }],
    ["target", { target_score_normalized: 0.5 }],
    ["decoding", { max_completion_tokens: 256 }],
    ["prompts", { prompts_file: "other.txt" }],
  ])(
    "of another %s are refused unless that is allowed, and then the report says so",
    async (field, change) => {
      const results = steeredResults();
      const other = {
        ...results,
        ablated_latents: [1],
        experiment_config: { ...results.experiment_config, ...change },
      };
      const written = [{ results }, { results: other }];
      const error = await refusal(() => withWritten(written, () => null));
      expect(error).toMatchObject({ code: "RUNS_UNEQUAL", facts: { differences: [{ field }] } });
      const text = await withWritten(
        written,
        (store) => runReportText({ report: runReport({ store }), color: false, width: 1000 }),
        { allow: [field] },
      );
      expect(text).toContain(`The files differ in ${field}`);
    },
  );

  it("an import does not compare with a run of our own, nor with another import", async () => {
    const manifest = await withImport({}, (store) => store.manifest());
    const other = await withImport({ files: [ABLATED_FILE] }, (store) => store.manifest());
    for (const second of [manifestRecord(), other]) {
      const manifests = [
        { name: "a", manifest },
        { name: "b", manifest: second },
      ];
      expect((await refusal(async () => assertComparable({ manifests }))).code).toBe("RUNS_UNEQUAL");
      expect(assertComparable({ manifests, allow: true })).not.toEqual([]);
    }
  });
});

describe("older and other files", () => {
  it("settings that this version does not know are kept, and ones that it misses are unknown", async () => {
    const results = steeredResults();
    const config = { model_name: "m", try_again_prompt: "Try again.", nested: { deep: [1] } };
    await withWritten(
      [{ results: { experiment_config: config, results_by_feature: results.results_by_feature } }],
      (store) => {
        const manifest = store.manifest();
        expect(manifest).toMatchObject({
          target: null,
          sampling: { maxTokens: null },
          judge: { describe: { model: null } },
        });
        expect(manifest.config.files).toMatchObject([
          { stated: { model_name: "m", try_again_prompt: "Try again." } },
        ]);
        expect(store.thresholds()).toEqual([]);
        expect(countsOf(store, "reference-raw/1")).toMatchObject({ scored: 8, improved: 3 });
      },
    );
  });

  it("trials of a latent that failed are errored trials", async () => {
    const results = steeredResults();
    for (const feature of results.results_by_feature) feature.error = "out of memory";
    await withWritten([{ results }], (store) => {
      expect(summarise({ store, replicates: 10 }).arms[0]?.counts).toMatchObject({
        trials: 11,
        errored: 11,
        judged: 0,
      });
      expect([...store.trials()][0]?.error).toEqual({ what: "out of memory" });
    });
  });

  it("a trial without a response is an errored trial, and one without a score a failed judgement", async () => {
    const results = steeredResults();
    const [first, second] = results.results_by_feature[0]?.trials ?? [];
    if (first === undefined || second === undefined) return expect.fail();
    first.response = null;
    second.score = null;
    await withWritten([{ results }], (store) => {
      expect(summarise({ store, replicates: 10 }).arms[0]?.counts).toMatchObject({ errored: 1, failed: 1 });
    });
  });
});

describe("files that are none", () => {
  const results = steeredResults();
  const feature = results.results_by_feature[0] ?? expect.fail();
  const trial = feature.trials?.[0] ?? expect.fail();
  const withTrial = (changes: object) => ({
    ...results,
    results_by_feature: [{ ...feature, trials: [{ ...trial, ...changes }] }],
  });

  it.each([
    ["no settings", { results_by_feature: [] }, "experiment_config"],
    ["a list", [results], "(top level)"],
    ["no results", { experiment_config: {} }, "results_by_feature"],
    ["a seed that is text", withTrial({ seed: "101" }), "results_by_feature[0].trials[0].seed"],
    ["a negative seed", withTrial({ seed: -1 }), "results_by_feature[0].trials[0].seed"],
    ["no prompt", withTrial({ prompt: null }), "results_by_feature[0].trials[0].prompt"],
    ["a response that is a number", withTrial({ response: 3 }), "results_by_feature[0].trials[0].response"],
    [
      "another latent's trial",
      withTrial({ feature_index_in_sae: 8 }),
      "results_by_feature[0].trials[0].feature_index_in_sae",
    ],
    [
      "no strength",
      {
        ...results,
        results_by_feature: [{ ...feature, threshold: null, trials: [{ ...trial, threshold: null }] }],
      },
      "results_by_feature[0].trials[0].threshold",
    ],
    [
      "a null trial",
      { ...results, results_by_feature: [{ ...feature, trials: [null] }] },
      "results_by_feature[0].trials[0]",
    ],
    [
      "a target out of range",
      { ...results, experiment_config: { target_score_normalized: 30 } },
      "experiment_config.target_score_normalized",
    ],
  ])("%s: the error names the file and the place", async (_, content, place) => {
    const error = await refusal(() => withWritten([{ results: content }], () => null));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.what).toContain("experiment_results_M_20260101_000000.json");
    expect(error.why).toContain(place);
  });

  it("the same bytes twice, other names than files, and a folder that holds a run are refused", async () => {
    expect(
      (await refusal(() => withImport({ files: [STEERED_FILE, STEERED_FILE] }, () => null))).why,
    ).toContain("same bytes");
    expect((await refusal(() => withImport({ armNames: ["a", "b"] }, () => null))).code).toBe(
      "CONFIG_INVALID",
    );
    expect((await refusal(() => withImport({ files: [] }, () => null))).code).toBe("CONFIG_INVALID");
    expect((await refusal(() => withImport({ files: ["/nowhere.json"] }, () => null))).what).toContain(
      "/nowhere.json",
    );
    const error = await refusal(() =>
      withImport({}, async (_, dir) => importReference({ files: [STEERED_FILE], dir, packageVersion: "1" })),
    );
    expect(error.code).toBe("RUN_EXISTS");
  });

  it("damaged files give an error with a code, or a run whose every row can be read", async () => {
    const bytes = readFileSync(STEERED_FILE);
    await using folder = await temporaryFolder();
    const file = join(folder.path, "damaged.json");
    let imported = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const damaged = mutate({ bytes, draw: drawFrom(seed) });
      writeFileSync(file, damaged);
      const dir = join(folder.path, `run-${seed}`);
      try {
        importReference({ files: [file], dir, packageVersion: "1" });
      } catch (error) {
        if (!isCode(error, "CONFIG_INVALID")) throw new Error(`seed ${seed}`, { cause: error });
        continue;
      }
      imported++;
      using store = openRun({ dir, mode: "read" });
      const [arm] = summarise({ store, replicates: 2 }).arms;
      expect(arm?.counts.trials).toBe([...store.trials()].length);
      expect([...store.judgements()].length).toBe(
        2 * ((arm?.counts.trials ?? 0) - (arm?.counts.errored ?? 0)),
      );
    }
    expect(imported).toBeGreaterThan(10);
  });
});
