/** Keys of language-model providers, by the names that the providers' own tools use. */
import type { LlmProvider } from "../llm/llm-client.ts";

const VARIABLES: Record<LlmProvider, string> = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
  openrouter: "OPENROUTER_API_KEY",
  // its own, so that no provider's key goes to another server by mistake
  compatible: "COUNTERSTEER_API_KEY",
};

export function llmKeys(env: Record<string, string | undefined>): Partial<Record<LlmProvider, string>> {
  return Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([provider, name]) => {
      const key = env[name]?.trim() ?? "";
      return key === "" ? [] : [[provider, key]];
    }),
  );
}
