/** The paper's numbers with their denominators, our setting of the same experiment, and which of our results stands beside each (METHOD.md 7, 8, 9). */

export interface Measured {
  design: string;
  arm: string;
  measure: "multi-attempt" | "esr" | "first-score";
}

export interface PublishedNumber {
  experiment: string;
  what: string;
  /** As published. */
  value: string;
  /** What the value is a share or a mean of. */
  denominator: string;
  /** What reproduces it on the paper's model. */
  setting: string;
  /** On the default model; null where this has no counterpart yet. */
  measured: Measured | null;
}

const of = (design: string, arm: string, measure: Measured["measure"]): Measured => ({
  design,
  arm,
  measure,
});
const TRIALS_70B = "4,877 trials (one generation and one judgement each) that hold a scored attempt";
const RUN_70B = "`run paper-v1/llama-3.3-70b`";
const ABLATION_70B =
  "design `ablation` with `detectors: assets/reference/detectors-published-26.json` on that preset";

export const PUBLISHED_NUMBERS: readonly PublishedNumber[] = [
  {
    experiment: "1",
    what: "ESR rate, Llama-3.3-70B",
    value: "3.8 %",
    denominator: TRIALS_70B,
    setting: RUN_70B,
    measured: of("esr", "steered", "esr"),
  },
  {
    experiment: "1",
    what: "multi-attempt rate, Llama-3.3-70B",
    value: "7.4 %",
    denominator: TRIALS_70B,
    setting: RUN_70B,
    measured: of("esr", "steered", "multi-attempt"),
  },
  {
    experiment: "1",
    what: "mean score of the first attempt, Llama-3.3-70B",
    value: "26.3",
    denominator: TRIALS_70B,
    setting: RUN_70B,
    measured: of("esr", "steered", "first-score"),
  },
  {
    experiment: "1",
    what: "ESR rate of the other four models",
    value: "under 1 %",
    denominator: "4,512 (Llama 8B), 4,914 (Gemma 27B), 4,668 (9B), 4,948 (2B) trials",
    setting: "`run paper-v1/llama-3.1-8b`, `paper-v1/gemma-2-27b`, `-9b`, `-2b`",
    measured: of("esr", "steered", "esr"),
  },
  {
    experiment: "2",
    what: "highest multi-attempt rate over strengths",
    value: "2.7 % near -0.3 deviations",
    denominator: "about 226 trials a level of 2,262, smoothed over levels",
    setting: "design `{name: dose, scale: shared}`; ours prints levels without smoothing",
    measured: of("dose", "dose-0.5", "multi-attempt"),
  },
  {
    experiment: "2",
    what: "highest ESR rate over strengths",
    value: "1.0 % near -0.3 deviations",
    denominator: "as above",
    setting: "design `{name: dose, scale: shared}`",
    measured: of("dose", "dose-0.75", "esr"),
  },
  {
    experiment: "3",
    what: "multi-attempt rate with 26 detectors ablated",
    value: "5.5 % (25 % less)",
    denominator: "4,875 trials, compared without pairs with the 4,877",
    setting: `${ABLATION_70B}; ours pairs by unit`,
    measured: of("ablation", "ablated", "multi-attempt"),
  },
  {
    experiment: "3",
    what: "ESR rate with 26 detectors ablated",
    value: "2.8 % (27 % less)",
    denominator: "4,875 trials",
    setting: ABLATION_70B,
    measured: of("ablation", "ablated", "esr"),
  },
  {
    experiment: "3",
    what: "score of the first attempt with 26 detectors ablated",
    value: "27.4",
    denominator: "4,875 trials",
    setting: ABLATION_70B,
    measured: of("ablation", "ablated", "first-score"),
  },
  {
    experiment: "5",
    what: "multi-attempt rate with the self-monitoring prompt",
    value: "31.7 % (4.3 times)",
    denominator: "about 4,877 trials; the judge read the meta-prompt as well",
    setting: "design `{name: meta-prompt, judged: true}` on that preset",
    measured: of("meta-prompt", "meta-monitor", "multi-attempt"),
  },
  {
    experiment: "5",
    what: "ESR rate with the self-monitoring prompt",
    value: "14.8 %",
    denominator: "as above",
    setting: "design `{name: meta-prompt, judged: true}` on that preset",
    measured: of("meta-prompt", "meta-monitor", "esr"),
  },
  {
    experiment: "8",
    what: "multi-attempt rate without steering",
    value: "0 %",
    denominator: "13,118 or 7,892 trials (the sources differ)",
    setting: "design `baseline`",
    measured: of("baseline", "unsteered", "multi-attempt"),
  },
  {
    experiment: "8",
    what: "score of the first attempt without steering",
    value: "87.8 to 91.8",
    denominator: "the same trials, by model",
    setting: "design `baseline`",
    measured: of("baseline", "unsteered", "first-score"),
  },
  {
    experiment: "10",
    what: "multi-attempt rate with random latents ablated",
    value: "7.9 %",
    denominator: "14,450 trials of three sets, drawn without matching",
    setting: "`latents controls --draw uniform`, then design `ablation`; ours matches by default",
    measured: of("ablation", "random-1", "multi-attempt"),
  },
  {
    experiment: "10",
    what: "ESR rate with random latents ablated",
    value: "4.2 %",
    denominator: "14,450 trials",
    setting: "as above",
    measured: of("ablation", "random-1", "esr"),
  },
  {
    experiment: "10",
    what: "score of the first attempt with random latents ablated",
    value: "27.1",
    denominator: "14,450 trials",
    setting: "as above",
    measured: of("ablation", "random-1", "first-score"),
  },
  {
    experiment: "v2",
    what: "ESR rate when a contrastive vector steers",
    value: "about 3.6 %",
    denominator: "not told in what we could read",
    setting: "design `vector`",
    measured: of("vector", "contrast-vector", "esr"),
  },
];
