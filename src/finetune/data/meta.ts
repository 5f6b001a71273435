/** What lies beside a data set: how it was made, and what an evaluation must leave out. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";

const tallySchema = z.strictObject({
  made: z.int(),
  kept: z.int(),
  dropped: z.record(z.string(), z.int()),
});

export const metaSchema = z.strictObject({
  version: z.literal(1),
  source: z.enum(["own", "llm", "import"]),
  seed: z.int(),
  /** Of the model that wrote, or whose answers are steered. */
  model: z.strictObject({ name: z.string(), fileHash: z.string(), weights: z.string() }).nullable(),
  /** Of the language model that wrote. */
  writer: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
  sae: z.strictObject({ path: z.string(), hash: z.string(), layer: z.int() }).nullable(),
  prompts: z.strictObject({ train: z.array(z.string()), validation: z.array(z.string()) }),
  latents: z.strictObject({
    /** Those that may steer a start; they must not be evaluated on. */
    training: z.array(z.int()),
    /** Eligible ones that no start was steered by, and that are near to none. */
    evaluation: z.array(z.int()),
    near: z.int(),
  }),
  doses: z.array(z.number()),
  meanNorm: z.number().nullable(),
  acknowledgements: z.strictObject({ trained: z.array(z.string()), heldOut: z.array(z.string()) }),
  counts: z.strictObject({
    selfCorrection: z.strictObject({ train: z.int(), validation: z.int() }),
    normal: z.strictObject({ train: z.int(), validation: z.int() }),
  }),
  /** Of each stage. */
  tallies: z.record(z.string(), tallySchema),
  contamination: z.strictObject({
    /** Prompts, latents and held-out acknowledgements that the records were held against. */
    evaluationPrompts: z.int(),
    evaluationLatents: z.int(),
    heldOutAcknowledgements: z.int(),
    found: z.int(),
  }),
  costUsd: z.number().nullable(),
});
export type DatasetMeta = z.infer<typeof metaSchema>;

/** `data.jsonl` has `data.meta.json` beside it. */
export function metaFile(file: string): string {
  return `${file.replace(/\.jsonl$/, "")}.meta.json`;
}

export async function writeMeta({ file, meta }: { file: string; meta: DatasetMeta }): Promise<void> {
  const path = metaFile(file);
  await writeFile(`${path}.part`, `${JSON.stringify(meta, null, 2)}\n`);
  await rename(`${path}.part`, path);
}

/** Of the data set `file`. Throws CONFIG_INVALID where there is none, or none that can be read. */
export async function readMeta({ file }: { file: string }): Promise<DatasetMeta> {
  const path = metaFile(file);
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return metaSchema.parse(value);
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${path} can't be read.`,
      why: `${messageOf(cause).replaceAll("\n", " ")}.`,
      todo: "Make the data set with `countersteer finetune data`, which writes this file beside it.",
      facts: { file: path },
      cause,
    });
  }
}
