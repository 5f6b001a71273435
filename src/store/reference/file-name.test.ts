import { expect, it } from "vitest";
import { parseReferenceName } from "./file-name.ts";

const plain = {
  type: "results",
  model: "Llama-3.3-70B-Instruct",
  date: "20251104",
  time: "165624",
  suffix: "",
  ablation: false,
  randomSet: null,
  partial: false,
};
const STEM = "experiment_results_Llama-3.3-70B-Instruct_20251104";

it.each([
  [`${STEM}_165624.json`, plain],
  [`${STEM}_165624_no_steering_baseline.json`, { ...plain, suffix: "no_steering_baseline" }],
  [`${STEM}_165624_with_ablation.json`, { ...plain, ablation: true }],
  [`${STEM}_165624_layer_9_with_ablation.json`, { ...plain, suffix: "layer_9", ablation: true }],
  [`${STEM}_165624_TIMEOUT.json`, { ...plain, suffix: "TIMEOUT", partial: true }],
  [
    `${STEM}_165624_random_ablation_set2.json`,
    { ...plain, suffix: "random_ablation_set2", ablation: true, randomSet: 2 },
  ],
  [`${STEM}.json`, { ...plain, time: "000000" }],
  [
    "experiment_multi_boost_gemma-2-9b-it_20251104_165624.json",
    { ...plain, type: "multi_boost", model: "gemma-2-9b-it" },
  ],
  [
    "experiment_results_masked-ratio-50pct-merged_20251104_165624.json",
    { ...plain, model: "masked-ratio-50pct-merged" },
  ],
  ["experiment_results_my_model_20251104_165624.json", { ...plain, model: "my_model" }],
])("reads %s", (name, expected) => {
  expect(parseReferenceName(name)).toEqual(expected);
});

it.each([
  "analysis_summary.json",
  "experiment_results_20251104_165624.json",
  `${STEM}_165624.txt`,
  "experiment_results_x.json",
])("leaves %s alone", (name) => {
  expect(parseReferenceName(name)).toBeNull();
});
