/** What the variants of `steered-sampling` are called, in its result and in the tables. */
export const VARIANTS = {
  fast: "Countersteer q4_0",
  /** The type that the peer computes in: the comparison of programs, with equal weights. */
  equalWeights: "Countersteer bf16",
  peer: "transformers bf16",
  steered: "steered",
  unsteered: "unsteered",
} as const;

/** The same for `sae-training`. */
export const TRAINING_VARIANTS = {
  ours: "Countersteer",
  torch: "PyTorch loop",
  saelens: "SAELens trainer",
} as const;

/** The same for `lora-training`. */
export const LORA_VARIANTS = {
  ours: "Countersteer",
  autocast: "PEFT, bf16 autocast",
  bf16: "PEFT, all bf16",
} as const;

/** The same for `big-run`. */
export const BIG_RUN_VARIANTS = {
  ours: "Countersteer",
  sqlite: "SQL",
  inspect: "Inspect",
} as const;

/** The same for `vllm-steering`. */
export const VLLM_VARIANTS = {
  steered: "steered",
  plain: "plain",
  exact: "Countersteer float32",
  fast: "Countersteer q4_0",
  server: "vLLM-CPU float32",
} as const;

/** The same for `capture`. */
export const CAPTURE_VARIANTS = {
  fast: "Countersteer q4_0",
  equalWeights: "Countersteer bf16",
  peer: "transformers bf16, stopped there",
} as const;
