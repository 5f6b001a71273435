/** What a run was made with, written once when the run begins. Numbers that are null in a place of their own are unknown: the run was imported. */
import { z } from "zod";
import { canonicalHash } from "./canonical-json.ts";

const hash = z.string().min(1);
const count = z.int().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const manifestSchema = z.strictObject({
  /** Names of the designs, joined by "+". */
  design: z.string().min(1),
  preset: z.string().nullable(),
  /** Every setting, with defaults filled in. */
  config: z.record(z.string(), z.json()),
  createdAt: z.iso.datetime(),
  packageVersion: z.string().min(1),
  gitCommit: z.string().nullable(),
  nodeVersion: z.string().min(1),
  engine: z.record(z.string(), scalar),
  model: z.strictObject({
    path: z.string(),
    fileHash: hash,
    architecture: z.string(),
    weightType: z.string(),
    weightMode: z.string(),
    layers: count.nullable(),
    dModel: count.nullable(),
  }),
  templateHash: hash,
  sae: z
    .strictObject({ path: z.string(), hash, layer: count.nullable(), latents: count.nullable() })
    .nullable(),
  prompts: z.strictObject({ evaluation: hash, heldOut: hash.nullable() }),
  judge: z.strictObject({
    /** Name and version, as judgements carry it. */
    id: z.string().min(1),
    describe: z.record(z.string(), scalar),
    /** `canonicalHash` of `describe`. */
    hash,
  }),
  /** Without the seed. */
  sampling: z.record(z.string(), z.json()),
  layer: count.nullable(),
  /** First-attempt score wanted of steering, 0-100; null where no threshold is searched. */
  target: z.number().nullable(),
  seed: count.nullable(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Hash of a prompt set: its texts in order. */
export function promptSetHash(prompts: readonly string[]): string {
  return canonicalHash(prompts);
}
