/** What a file of latents was made with and from. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import type { Answer } from "./answers.ts";

const index = z.number().int().nonnegative();

export const provenanceSchema = z.object({
  version: z.string(),
  model: z.object({ name: z.string(), fileHash: z.string(), weightType: z.string() }),
  engine: z.record(z.string(), z.union([z.string(), z.number()])),
  sae: z.object({ path: z.string(), hash: z.string(), latents: index }),
  layer: index,
  /** SHA-256 of the prompts, and of prompts and answers. */
  promptsHash: z.string(),
  answersHash: z.string(),
  seed: index,
});
export type Provenance = z.infer<typeof provenanceSchema>;

export interface ProvenanceOfOptions {
  engine: Pick<Engine, "info" | "build">;
  dictionary: Pick<Dictionary, "path" | "latents" | "hash">;
  layer: number;
  prompts: readonly string[];
  answers: readonly Answer[];
  seed: number;
  /** Of this package. */
  version: string;
}

export function provenanceOf(options: ProvenanceOfOptions): Provenance {
  const { engine, dictionary, layer, prompts, answers, seed, version } = options;
  const { name, fileHash, weightType } = engine.info;
  return {
    version,
    model: { name, fileHash, weightType },
    engine: { ...engine.build },
    sae: { path: dictionary.path, hash: dictionary.hash(), latents: dictionary.latents },
    layer,
    promptsHash: hashOf(prompts),
    answersHash: hashOf(answers.map(({ prompt, response }) => [prompt, response])),
    seed,
  };
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
