/** Which prompts train and which validate: by prompt, so that no question is in both. */
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import type { FinetuneRecord } from "./record.ts";

export type Split = FinetuneRecord["split"];

export interface SplitPromptsOptions {
  prompts: readonly string[];
  /** Share of the prompts that validate, 0 to below 1; above 0 it is at least one prompt. */
  validation: number;
  seed: number;
}

export function splitPrompts({ prompts, validation, seed }: SplitPromptsOptions): Map<string, Split> {
  const wanted = validation === 0 ? 0 : Math.max(1, Math.round(validation * prompts.length));
  const shuffled = shuffle(prompts, createRng({ seed }));
  return new Map(shuffled.map((prompt, i) => [prompt, i < wanted ? "validation" : "train"]));
}
