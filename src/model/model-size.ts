/** Parameters of the known models, from their makers' model cards. */
import type { KnownModel } from "./registry.ts";

const BILLIONS: Readonly<Record<string, number>> = {
  "smollm2-135m": 0.135,
  "llama-3.3-70b": 70.6,
  "llama-3.1-8b": 8.03,
  "gemma-2-2b": 2.61,
  "gemma-2-9b": 9.24,
  "gemma-2-27b": 27.2,
  "gemma-3-270m": 0.27,
  "gemma-3-1b": 1.0,
  "gemma-3-4b": 4.3,
  "gemma-3-12b": 12.2,
  "gemma-3-27b": 27.4,
};

/** In billions; null where it isn't known. */
export function billionsOf(model: Pick<KnownModel, "name"> | null): number | null {
  return model === null ? null : (BILLIONS[model.name] ?? null);
}
