/** What `train.py` reads beside the data: the model, and the settings under transformers' and PEFT's names. */
import type { HyperParameters } from "./hyper-parameters.ts";

export interface TrlConfigOptions {
  baseModel: string;
  settings: HyperParameters;
  files: { train: string; validation: string | null };
  outputDir: string;
  padToken: string | null;
}

export function trlConfig({ baseModel, settings: s, files, outputDir, padToken }: TrlConfigOptions): string {
  const config = {
    model: baseModel,
    train: files.train,
    validation: files.validation,
    validation_share: s.validationShare,
    pad_token: padToken,
    evaluations_per_epoch: s.evaluationsPerEpoch,
    saves_per_epoch: s.savesPerEpoch,
    lora: {
      r: s.rank,
      lora_alpha: s.alpha,
      lora_dropout: s.dropout,
      target_modules: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
      task_type: "CAUSAL_LM",
    },
    trainer: {
      output_dir: outputDir,
      max_length: s.sequenceLength,
      packing: false,
      per_device_train_batch_size: s.microBatch,
      per_device_eval_batch_size: s.microBatch,
      gradient_accumulation_steps: s.accumulation,
      num_train_epochs: s.epochs,
      optim: "adamw_8bit",
      lr_scheduler_type: "cosine",
      learning_rate: s.learningRate,
      warmup_steps: s.warmUpSteps,
      weight_decay: s.weightDecay,
      bf16: true,
      gradient_checkpointing: false,
      logging_steps: s.logEvery,
      seed: s.seed,
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
