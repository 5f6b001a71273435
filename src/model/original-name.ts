/** What a known model is called where its makers published it. Its GGUF file lies in somebody else's repository. */
import type { KnownModel } from "./registry.ts";

const ORIGINALS: Readonly<Record<string, string>> = {
  "smollm2-135m": "HuggingFaceTB/SmolLM2-135M-Instruct",
  "llama-3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
  "llama-3.1-8b": "meta-llama/Llama-3.1-8B-Instruct",
  "gemma-2-2b": "google/gemma-2-2b-it",
  "gemma-2-9b": "google/gemma-2-9b-it",
  "gemma-2-27b": "google/gemma-2-27b-it",
  "gemma-3-270m": "google/gemma-3-270m-it",
  "gemma-3-1b": "google/gemma-3-1b-it",
  "gemma-3-4b": "google/gemma-3-4b-it",
  "gemma-3-12b": "google/gemma-3-12b-it",
  "gemma-3-27b": "google/gemma-3-27b-it",
};

/** The name that transformers loads the model by; null where it isn't known. */
export function originalName(model: Pick<KnownModel, "name"> | null): string | null {
  return model === null ? null : (ORIGINALS[model.name] ?? null);
}
