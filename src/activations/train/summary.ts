/** The numbers of a finished training, kept beside its weights. */
import { z } from "zod";
import { readSummaryFile, writeSummaryFile } from "./summary-file.ts";

export const summarySchema = z.object({
  /** Folder of the weights. */
  dictionary: z.string(),
  dModel: z.number(),
  latents: z.number(),
  k: z.number(),
  variant: z.enum(["topk", "batchtopk"]),
  layer: z.number(),
  /** Rows trained on, and rows of one epoch. */
  rows: z.number(),
  epochRows: z.number(),
  steps: z.number(),
  /** The last step, on its own batch. */
  training: z.object({ loss: z.number(), fvu: z.number(), l0: z.number(), dead: z.number() }).nullable(),
  /** null where no document fell on the held-out side. */
  heldOut: z.object({ rows: z.number(), fvu: z.number(), l0: z.number() }).nullable(),
  /** File of the held-out documents; null where activations came from a file. */
  heldOutDocuments: z.string().nullable(),
  /** Of the last session, the captures that it waited for included. */
  seconds: z.number(),
  rowsPerSecond: z.number(),
  /** Rows dropped as outliers in the last session. */
  dropped: z.number(),
});
export type TrainingSummary = z.infer<typeof summarySchema>;

/** The last thing that a training writes. */
export async function writeSummary(options: { dir: string; summary: TrainingSummary }): Promise<void> {
  await writeSummaryFile(options);
}

/** null where the training is not finished. Throws STORE_CORRUPT. */
export async function readSummary({ dir }: { dir: string }): Promise<TrainingSummary | null> {
  return await readSummaryFile({
    dir,
    schema: summarySchema,
    todo: "Remove it, and run again with --resume: the weights are written anew from the last checkpoint.",
  });
}
