/** What a caller of the trainer sees. */
import type { ActivationSource } from "./activation-source.ts";
import type { OpenDenseProduct, Precision } from "./dense-product.ts";
import type { TrainSettings } from "./settings.ts";

/** One step, measured on its batch before the weights change. */
export interface StepReport {
  /** From 1. */
  step: number;
  totalSteps: number;
  /** Rows trained on so far, this step's included. */
  rows: number;
  /** Squared error of a row summed over d_model, mean over the batch, in units of the normalised rows. */
  loss: number;
  /** Weighted auxiliary loss, in the same unit; 0 without dead latents. */
  auxLoss: number;
  /** Fraction of variance unexplained: squared error over squared distance from the batch's mean. */
  fvu: number;
  /** Mean number of active latents of a row. */
  l0: number;
  dead: number;
  learningRate: number;
}

export interface InitialWeights {
  /** `[latents, d_model]` */
  encoder: Float32Array;
  /** `[latents, d_model]`, unit rows */
  decoder: Float32Array;
  /** `[latents]` */
  encoderBias: Float32Array;
  /** `[d_model]`; the encoder sees `h - b_dec` */
  decoderBias: Float32Array;
}

export interface TrainedWeights extends InitialWeights {
  dModel: number;
  latents: number;
  /** Activation below which a latent is silent; null for `topk`. */
  threshold: number | null;
}

export interface TrainerOptions {
  settings: TrainSettings;
  source: ActivationSource;
  product: OpenDenseProduct;
  /** Folder of checkpoints; without it there are none. */
  folder?: string | undefined;
  /** Rows between two checkpoints. @default 500_000 */
  checkpointRows?: number | undefined;
  /** Weights to begin with, in the scale of the rows as they come; a checkpoint goes before them. @default seeded random ones */
  initial?: InitialWeights | undefined;
  /** Threads of the kernels, this one included; the weights don't depend on it. @default the machine's parallelism */
  workers?: number | undefined;
  /** Of the dense product; the weights don't depend on it (kernels/select.ts), only the time does. @default bfloat16 */
  precision?: Precision | undefined;
  onStep?: ((report: StepReport) => void) | undefined;
}

export interface TrainResult {
  /** `ended`: the source had no more rows. */
  finished: "complete" | "ended" | "aborted";
  last: StepReport | null;
}

export interface Trainer {
  readonly totalSteps: number;
  /** Steps done. */
  readonly step: number;
  /** Trains until the last step, the end of the source or an abort; writes a checkpoint at each of these. Throws TRAINING_DIVERGED. */
  run(options?: { signal?: AbortSignal | undefined }): Promise<TrainResult>;
  /** The weights in the scale of the rows as they came. */
  weights(): TrainedWeights;
  close(): Promise<void>;
}
