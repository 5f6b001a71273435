/** From settings to a checked `llm` judge. */
import { openLlmClient } from "../../llm/client.ts";
import type { LlmProvider } from "../../llm/llm-client.ts";
import type { Sleep } from "../../llm/request-queue.ts";
import type { JudgeSettings } from "../judge-settings.ts";
import { type LlmJudge, openLlmJudge } from "./llm-judge.ts";

/** What the process brings: keys are read from the environment by `cli/` only. */
export interface LlmAccess {
  keys: Partial<Record<LlmProvider, string>>;
  /** Folder of kept answers; null keeps none. */
  cacheDir: string | null;
  fetch?: typeof fetch;
  sleep?: Sleep;
}

/** Throws CONFIG_INVALID, LLM_ACCESS. Asks nothing yet: see `check`. */
export function llmJudgeOf({ settings, access }: { settings: JudgeSettings; access: LlmAccess }): LlmJudge {
  const { provider, model, baseUrl, structured, blind, votes, maxTokens, price } = settings;
  const { concurrency, requestsPerMinute, maxRetries, timeoutSeconds } = settings;
  const { keys, cacheDir, ...rest } = access;
  const client = openLlmClient({
    provider,
    model: model ?? "",
    apiKey: keys[provider] ?? null,
    baseUrl,
    structured,
    concurrency,
    requestsPerMinute,
    maxRetries,
    timeoutMs: timeoutSeconds * 1000,
    price,
    cacheDir,
    ...rest,
  });
  return openLlmJudge({ client, variant: blind ? "blind" : "told", votes, maxTokens });
}
