import { expect, it } from "vitest";
import {
  attemptRecords,
  FAILED,
  judgementRecord,
  manifestRecord,
  trialRecord,
} from "../../../test/support/run-records.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isCode } from "../../errors.ts";
import { createRun } from "../open-store.ts";
import type { RunStore } from "../run-store.ts";
import { exportReference } from "./export.ts";
import { resultsSchema, SETTING_NAMES } from "./schema.ts";

const CONFIG = {
  model: "smollm2-135m",
  trialsPerLatent: 5,
  prompts: { evaluation: "mine.txt" },
  threshold: { samples: 3, maxQueries: 10, range: [0, 40], priorMean: 12, priorStd: 4 },
  latents: { minConcreteness: 65 },
};

async function withRun<T>(
  work: (store: RunStore) => T,
  config: Record<string, never> | typeof CONFIG = CONFIG,
): Promise<T> {
  await using folder = await temporaryFolder();
  using store = createRun({ dir: folder.path, manifest: manifestRecord({ config }) });
  store.putArms([
    { name: "steered", content: { steer: "sae-latent" } },
    { name: "unsteered", content: { steer: null } },
  ]);
  store.putLatents([{ latent: 7, label: "bees" }]);
  for (const arm of ["steered", "unsteered"]) {
    const key = (n: number) => `${arm}-${n}`;
    store.putTrial(trialRecord({ key: key(0), arm }));
    store.putJudgement(judgementRecord({ trialKey: key(0) }));
    store.putTrial(trialRecord({ key: key(1), arm, ...FAILED }));
    store.putTrial(trialRecord({ key: key(2), arm }));
    store.putTrial(trialRecord({ key: key(3), arm }));
    store.putJudgement(judgementRecord({ trialKey: key(3), status: "refused", attempts: [], detail: {} }));
    store.putTrial(trialRecord({ key: key(4), arm, latent: 9 }));
    store.putJudgement(
      judgementRecord({ trialKey: key(4), status: "no-attempt", attempts: attemptRecords([null]) }),
    );
  }
  return work(store);
}

function parse(store: RunStore, arm: string): unknown {
  return JSON.parse([...exportReference({ store, arm })].join(""));
}

it("writes the settings that have a counterpart, under exactly the reference's 21 keys", async () => {
  const value = await withRun((store) => resultsSchema.parse(parse(store, "steered")));
  expect(Object.keys(value.experiment_config)).toEqual(SETTING_NAMES);
  expect(SETTING_NAMES).toHaveLength(21);
  expect(value.experiment_config).toMatchObject({
    model_name: "smollm2-135m",
    prompts_file: "mine.txt",
    disable_steering: false,
    target_score_normalized: 0.3,
    threshold_n_trials: 10,
    threshold_samples_per_trial: 3,
    threshold_upper_bound: 40,
    n_features: 2,
    judge_model_name: "likelihood/1",
    labels_file: null,
  });
});

it("settings that a run lacks are null", async () => {
  const value = await withRun((store) => resultsSchema.parse(parse(store, "steered")), {});
  expect(value.experiment_config).toMatchObject({
    threshold_n_trials: null,
    model_name: "/models/tiny.gguf",
  });
});

it("writes trials by latent, with everything that is no score kept out of the reference's denominator", async () => {
  const value = await withRun((store) => parse(store, "steered"));
  const common = {
    prompt: "How do I bake bread?",
    feature_index_in_sae: 7,
    feature_label: "bees",
    threshold: 12.25,
    seed: 99,
  };
  const response = "Bees hum. Wait, let me start over. Mix flour and water.";
  expect(value).toMatchObject({
    n_boost_levels: null,
    boost_range_std: null,
    results_by_feature: [
      {
        feature_index_in_sae: 7,
        feature_label: "bees",
        threshold: 12.25,
        error: null,
        trials: [
          {
            ...common,
            response,
            score: {
              raw_response: "",
              attempts: [
                { attempt_text: "Bees hum.", score: 10 },
                { attempt_text: "Wait, let me start over. Mix flour and water.", score: 90.5 },
              ],
            },
            error: null,
          },
          {
            ...common,
            response: "",
            score: { error: "No row was edited.", status: "errored" },
            error: "No row was edited.",
          },
          { ...common, response, score: { status: "unjudged" }, error: "not judged" },
          { ...common, response, score: { status: "refused" }, error: "refused" },
        ],
      },
      {
        feature_index_in_sae: 9,
        feature_label: "feature_9",
        trials: [{ score: { attempts: [] }, error: null }],
      },
    ],
  });
});

it("an unsteered arm has strength 0, as in the reference", async () => {
  const value = await withRun((store) => resultsSchema.parse(parse(store, "unsteered")));
  expect(value.experiment_config.disable_steering).toBe(true);
  const strengths = value.results_by_feature.flatMap(({ threshold, trials }) => [
    threshold,
    ...(trials ?? []).map((trial) => trial.threshold),
  ]);
  expect(new Set(strengths)).toEqual(new Set([0]));
});

it("a file is one arm, and every trial has a latent", async () => {
  await withRun((store) => {
    expect(
      isCode(
        caught(() => [...exportReference({ store })]),
        "REQUEST_INVALID",
      ),
    ).toBe(true);
    expect(
      isCode(
        caught(() => [...exportReference({ store, arm: "ablated" })]),
        "REQUEST_INVALID",
      ),
    ).toBe(true);
    store.putTrial(trialRecord({ key: "none", unit: "none", latent: null }));
    expect(
      isCode(
        caught(() => [...exportReference({ store, arm: "steered" })]),
        "REQUEST_INVALID",
      ),
    ).toBe(true);
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}
