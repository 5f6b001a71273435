/** Names of language models, each pinned to the id that its provider never gives to another model. */
import { CountersteerError } from "../errors.ts";
import type { LlmProvider } from "./llm-client.ts";

export interface KnownLlm {
  name: string;
  provider: LlmProvider;
  id: string;
  /** False for models that think before they answer, and refuse a temperature. */
  temperature: boolean;
  /** What the paper calls the judge (METHOD.md 6.3); null for a model that it did not use. */
  paper: string | null;
}

const known = (provider: LlmProvider, name: string, id: string, rest: Partial<KnownLlm> = {}): KnownLlm => ({
  name,
  provider,
  id,
  temperature: true,
  paper: null,
  ...rest,
});

/** OpenRouter has no dated ids for some of these; there, the model that the server names is stored with every answer. */
export const KNOWN_LLMS: readonly KnownLlm[] = [
  known("anthropic", "haiku-4.5", "claude-haiku-4-5-20251001", { paper: "Claude Haiku 4.5" }),
  known("anthropic", "sonnet-4.5", "claude-sonnet-4-5-20250929", { paper: "sonnet-4.5" }),
  known("anthropic", "haiku-3.5", "claude-3-5-haiku-20241022", { paper: "haiku-3.5" }),
  known("openai", "gpt-5-mini", "gpt-5-mini-2025-08-07", { temperature: false }),
  known("openai", "gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
  known("openrouter", "gpt-5-mini", "openai/gpt-5-mini", { temperature: false, paper: "gpt-5-mini" }),
  known("openrouter", "qwen3-32b", "qwen/qwen3-32b", { paper: "qwen3-32b" }),
  known("openrouter", "gemini-2.0-flash", "google/gemini-2.0-flash-001", { paper: "gemini-2.0-flash" }),
  known("openrouter", "gemini-2.5-flash", "google/gemini-2.5-flash", { paper: "gemini-2.5-flash" }),
  known("openrouter", "gemini-2.5-pro", "google/gemini-2.5-pro", { paper: "gemini-2.5-pro" }),
  known("openrouter", "gemini-3-flash", "google/gemini-3-flash-preview", { paper: "gemini-3-flash" }),
];

export interface PinnedModel {
  id: string;
  temperature: boolean;
}

/** Ids that their providers point at newer models, or that choose a model for each call. */
const MOVING = /(?:^|[-/:])(?:latest|auto)$/;

/**
 * The id behind one of our names; any other text is the provider's own id. Throws CONFIG_INVALID for an alias that moves: what it answers
 * today could not be repeated.
 */
export function pinModel({ provider, model }: { provider: LlmProvider; model: string }): PinnedModel {
  const found = KNOWN_LLMS.find(
    (each) => each.provider === provider && (each.name === model || each.id === model),
  );
  if (found !== undefined) {
    return { id: found.id, temperature: found.temperature };
  }
  if (provider !== "compatible" && MOVING.test(model)) {
    const names = KNOWN_LLMS.filter((each) => each.provider === provider).map(({ name }) => name);
    throw new CountersteerError("CONFIG_INVALID", {
      what: `"${model}" names no fixed model.`,
      why: "The provider points it at newer models, so that a result could not be repeated.",
      todo: `Give an id with its date, or one of ${names.join(", ")}.`,
      facts: { provider, model, names },
    });
  }
  return { id: model, temperature: true };
}
