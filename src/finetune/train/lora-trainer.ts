/** What the training loop asks of the numeric back end (`lora/open-lora-trainer.ts`). */
import type { LoraFactors, PackedRows } from "../types.ts";

export interface UpdateOptions {
  learningRate: number;
  /** Largest norm of the whole gradient. */
  maxNorm: number;
  weightDecay: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Targets since the last update: the gradient is that of the mean loss over them. */
  targets: number;
}

/** A sum over targets, in nats. */
export interface LossSum {
  loss: number;
  targets: number;
}

/** Everything that a step changes, exactly. */
export interface TrainerState {
  /** Updates done. */
  step: number;
  /** Weights, and AdamW's first and second moments. */
  tensors: Record<string, Float32Array>;
}

export interface LoraTrainer {
  readonly parameters: number;
  /** Adds to the gradient. Equal keys draw equal dropout masks. */
  accumulate(rows: PackedRows, options: { dropoutKey: number }): Promise<LossSum>;
  /** Without dropout; changes nothing. */
  evaluate(rows: PackedRows): Promise<LossSum>;
  /** One step of AdamW. Throws FINETUNE_DIVERGED before any weight changes. */
  update(options: UpdateOptions): { norm: number };
  factors(): LoraFactors[];
  state(): TrainerState;
  restore(state: TrainerState): void;
  close(): Promise<void>;
}
