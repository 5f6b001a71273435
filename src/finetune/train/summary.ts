/** The numbers of a finished fine-tuning, kept beside its adapter. */
import { z } from "zod";
import { readSummaryFile, writeSummaryFile } from "../../activations/train/summary-file.ts";
import { validationSchema } from "./position.ts";
import { STEER_MODES } from "./recipe.ts";

export const summarySchema = z.object({
  /** Folder of the adapter in PEFT's format. */
  adapter: z.string(),
  /** The same as a GGUF file, for `--adapter` and llama.cpp. */
  gguf: z.string(),
  /** Numbers that were trained. */
  parameters: z.number(),
  examples: z.object({
    selfCorrections: z.number(),
    normal: z.number(),
    validation: z.number(),
    /** Ids of those left out for their length. */
    skipped: z.array(z.string()),
  }),
  /** null where no ratio was asked for. */
  mix: z
    .object({ ratio: z.number(), selfCorrections: z.number(), normal: z.number(), actual: z.number() })
    .nullable(),
  steer: z.object({
    mode: z.enum(STEER_MODES),
    latents: z.array(z.number()),
    strength: z.tuple([z.number(), z.number()]).nullable(),
    layer: z.number().nullable(),
  }),
  steps: z.number(),
  totalSteps: z.number(),
  finished: z.enum(["end", "early"]),
  /** Step that the adapter's weights are of. */
  keptStep: z.number(),
  /** Rows and targets trained on. */
  tokens: z.number(),
  targets: z.number(),
  /** Mean loss of each step's batch. */
  losses: z.array(z.number()),
  /** The first is of before the training, where there are validation examples. */
  validations: z.array(validationSchema),
  /** Of the last session. */
  seconds: z.number(),
  tokensPerSecond: z.number(),
});
export type FinetuneSummary = z.infer<typeof summarySchema>;

/** The last thing that a training writes. */
export async function writeSummary(options: { dir: string; summary: FinetuneSummary }): Promise<void> {
  await writeSummaryFile(options);
}

/** null where the training is not finished. Throws STORE_CORRUPT. */
export async function readSummary({ dir }: { dir: string }): Promise<FinetuneSummary | null> {
  return await readSummaryFile({
    dir,
    schema: summarySchema,
    todo: "Remove it, and run the command again: the adapter is written anew from the last checkpoint.",
  });
}
