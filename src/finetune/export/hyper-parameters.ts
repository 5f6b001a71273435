/** The settings of a training on a GPU machine, with the paper's values as defaults (METHOD.md 9.3). */
import { z } from "zod";

const count = z.int().positive();

export const hyperParametersSchema = z.strictObject({
  rank: count.default(32),
  /** axolotl takes whole numbers only. */
  alpha: count.default(16),
  dropout: z.number().min(0).lt(1).default(0.05),
  epochs: z.number().positive().default(4),
  learningRate: z.number().positive().default(2e-4),
  warmUpSteps: z.int().nonnegative().default(10),
  weightDecay: z.number().nonnegative().default(0),
  /** Examples that one GPU computes together, and how often before a step. */
  microBatch: count.default(2),
  accumulation: count.default(4),
  sequenceLength: count.default(4096),
  evaluationsPerEpoch: count.default(4),
  savesPerEpoch: count.default(1),
  logEvery: count.default(10),
  /** Share of the examples that is measured and not trained on, where the data has no validation split of its own. */
  validationShare: z.number().gt(0).lt(1).default(0.05),
  seed: z.int().nonnegative().default(42),
});

export type HyperParameters = z.infer<typeof hyperParametersSchema>;
