/** `controls.json`: sets of control latents, how well they match, and how they were drawn. */
import { z } from "zod";
import { provenanceSchema } from "../detectors/provenance.ts";
import { readLatentFile, writeLatentFile } from "../latent-file.ts";
import { CLAMP_POSITIONS } from "./firing.ts";
import { DRAWS } from "./match-controls.ts";

export const CONTROLS_SCHEMA = "countersteer-controls/1";

const index = z.number().int().nonnegative();
const balance = z.object({
  logFrequency: z.number().nullable(),
  logMeanActive: z.number().nullable(),
  n: index,
});
const pair = z.object({ detector: index, control: index, distance: z.number().nonnegative().nullable() });
const firing = z.object({ latent: index, frequency: z.number(), meanActive: z.number() });

const fileSchema = z.object({
  schema: z.literal(CONTROLS_SCHEMA),
  draw: z.enum(DRAWS),
  seed: index,
  caliper: z.number().nullable(),
  /** Rows that the clamp edits, and on which all statistics are. */
  positions: z.enum(CLAMP_POSITIONS),
  /** Whether the texts were given, those of steered trials for one; else they are unsteered answers. */
  fromDocs: z.boolean(),
  rows: index,
  sets: z.array(z.object({ pairs: z.array(pair), balance })),
  unmatched: z.array(
    z.object({
      detector: index,
      reason: z.enum(["dead", "caliper"]),
      sets: index,
      nearest: z.number().nullable(),
    }),
  ),
  matchedInAll: z.array(index),
  pool: z.object({ latents: index, detectors: index, excluded: index, dead: index, candidates: index }),
  balance: z.object({ before: balance, after: balance }),
  worst: pair.extend({ set: index }).nullable(),
  deadControls: index,
  /** Of every detector and control. */
  firing: z.array(firing),
  provenance: provenanceSchema,
});

export type ControlFile = z.infer<typeof fileSchema>;

/** Throws the system's error. */
export async function writeControls({ path, file }: { path: string; file: ControlFile }): Promise<void> {
  await writeLatentFile({ path, file });
}

/** Throws CONFIG_INVALID for a file that can't be read or is another kind. */
export async function readControls({ path }: { path: string }): Promise<ControlFile> {
  const todo = "Give a file that `countersteer latents controls` wrote.";
  return await readLatentFile({ path, schema: fileSchema, holds: "controls", todo });
}
