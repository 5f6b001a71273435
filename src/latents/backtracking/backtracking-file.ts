/** `backtracking.json`: latents of owning up and starting over, with how they were found and from what. */
import { z } from "zod";
import { provenanceSchema } from "../detectors/provenance.ts";
import { readLatentFile, writeLatentFile } from "../latent-file.ts";

export const BACKTRACKING_SCHEMA = "countersteer-backtracking/1";

const index = z.int().nonnegative();
const share = z.number().min(0).max(1);

const labelledLatent = z.object({
  latent: index,
  label: z.string(),
  score: z.number(),
  found: z.array(z.string()),
});
export type LabelledLatent = z.infer<typeof labelledLatent>;

const contrastLatent = z.object({
  latent: index,
  label: z.string().nullable(),
  /** Mean over texts of the mean at the tokens of the phrase, and at the other tokens of the answer. */
  meanPhrase: z.number(),
  meanOther: z.number(),
  /** Share of the texts in which it fires somewhere in the phrase, and in which its mean is higher there. */
  firingPhrase: share,
  higher: share,
  /** Of the texts' differences; null where they don't vary, or are all 0. */
  dz: z.number().nullable(),
  rankBiserial: z.number().nullable(),
  /** Deviations of the mean difference from what phrases at random places give. */
  z: z.number(),
  p: share,
  /** p corrected over all tested latents (Benjamini and Hochberg). */
  q: share,
});
export type ContrastLatent = z.infer<typeof contrastLatent>;

const byLabelSchema = z.object({
  schema: z.literal(BACKTRACKING_SCHEMA),
  by: z.literal("label"),
  settings: z.object({ minScore: z.number(), top: index.nullable() }),
  provenance: z.object({
    version: z.string(),
    sae: z.object({ path: z.string(), hash: z.string(), latents: index }),
  }),
  latents: z.array(labelledLatent),
});

const byContrastSchema = z.object({
  schema: z.literal(BACKTRACKING_SCHEMA),
  by: z.literal("contrast"),
  settings: z.object({
    permutations: index,
    minFiringShare: share,
    alpha: share,
    top: index.nullable(),
    /** Where the texts come from, for example `made` or a run's folder. */
    source: z.array(z.string()),
  }),
  texts: index,
  /** Latents that fired in enough texts, and those that passed at the false discovery rate before `top` cut them. */
  tested: index,
  eligible: index,
  provenance: provenanceSchema,
  latents: z.array(contrastLatent),
});

const fileSchema = z.discriminatedUnion("by", [byLabelSchema, byContrastSchema]);
export type BacktrackingByLabel = z.infer<typeof byLabelSchema>;
export type BacktrackingByContrast = z.infer<typeof byContrastSchema>;
export type BacktrackingFile = BacktrackingByLabel | BacktrackingByContrast;

/** Throws the system's error. */
export async function writeBacktracking({
  path,
  file,
}: {
  path: string;
  file: BacktrackingFile;
}): Promise<void> {
  await writeLatentFile({ path, file });
}

/** Throws CONFIG_INVALID for a file that can't be read or is none of these. */
export async function readBacktracking({ path }: { path: string }): Promise<BacktrackingFile> {
  const todo = "Give a file that `countersteer latents backtracking` wrote.";
  return await readLatentFile({ path, schema: fileSchema, holds: "backtracking latents", todo });
}
