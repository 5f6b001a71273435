/** The YAML file that `axolotl train` takes: the paper's (METHOD.md 9.3) with other numbers where they are given. */
import { stringify } from "yaml";
import type { HyperParameters } from "./hyper-parameters.ts";

export interface AxolotlConfigOptions {
  /** What transformers loads the model by. */
  baseModel: string;
  settings: HyperParameters;
  files: { train: string; validation: string | null };
  outputDir: string;
  /** null leaves the tokenizer's own. */
  padToken: string | null;
}

export function axolotlConfig(options: AxolotlConfigOptions): string {
  const { baseModel, settings: s, files, outputDir, padToken } = options;
  const dataset = (file: string) => ({ path: file, ds_type: "json", type: "input_output" });
  const config = {
    base_model: baseModel,
    model_type: "AutoModelForCausalLM",
    tokenizer_type: "AutoTokenizer",
    load_in_8bit: false,
    load_in_4bit: false,
    datasets: [dataset(files.train)],
    ...(files.validation === null
      ? { val_set_size: s.validationShare }
      : { test_datasets: [{ ...dataset(files.validation), split: "train" }], val_set_size: 0 }),
    dataset_prepared_path: "prepared",
    output_dir: outputDir,
    sequence_len: s.sequenceLength,
    sample_packing: false,
    pad_to_sequence_len: false,
    train_on_inputs: false,
    adapter: "lora",
    lora_r: s.rank,
    lora_alpha: s.alpha,
    lora_dropout: s.dropout,
    lora_target_linear: true,
    micro_batch_size: s.microBatch,
    gradient_accumulation_steps: s.accumulation,
    num_epochs: s.epochs,
    optimizer: "adamw_bnb_8bit",
    lr_scheduler: "cosine",
    learning_rate: s.learningRate,
    warmup_steps: s.warmUpSteps,
    weight_decay: s.weightDecay,
    bf16: true,
    tf32: false,
    flash_attention: true,
    gradient_checkpointing: false,
    evals_per_epoch: s.evaluationsPerEpoch,
    saves_per_epoch: s.savesPerEpoch,
    logging_steps: s.logEvery,
    seed: s.seed,
    ...(padToken === null ? {} : { special_tokens: { pad_token: padToken } }),
  };
  return stringify(config);
}
