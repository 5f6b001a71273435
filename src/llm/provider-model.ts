/** The AI SDK's model for a provider. */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { wrapLanguageModel } from "ai";
import { CountersteerError } from "../errors.ts";
import type { LlmProvider, StructuredMode } from "./llm-client.ts";

export type ProviderModel = Parameters<typeof wrapLanguageModel>[0]["model"];

export const BASE_URLS: Record<LlmProvider, string | null> = {
  anthropic: "https://api.anthropic.com/v1",
  openai: "https://api.openai.com/v1",
  openrouter: "https://openrouter.ai/api/v1",
  compatible: null,
};

export interface ProviderModelOptions {
  provider: LlmProvider;
  id: string;
  apiKey: string | null;
  baseUrl: string;
  structured: StructuredMode;
  fetch: typeof fetch;
}

export function providerModel(options: ProviderModelOptions): ProviderModel {
  const { provider, id, apiKey, baseUrl: baseURL, structured, fetch } = options;
  if (provider === "anthropic") {
    return createAnthropic({ apiKey: apiKey ?? "", baseURL, fetch }).languageModel(id);
  }
  const compatible = createOpenAICompatible({
    name: provider,
    baseURL,
    fetch,
    supportsStructuredOutputs: structured === "schema",
    ...(apiKey === null ? {} : { apiKey }),
    // OpenAI's newer models refuse the older name of this field
    ...(provider === "openai" ? { transformRequestBody: renameMaxTokens } : {}),
    // without this OpenRouter may send the request to a host that ignores the schema
    ...(provider === "openrouter" && structured === "schema"
      ? { transformRequestBody: requireParameters }
      : {}),
  });
  return compatible.chatModel(id);
}

function renameMaxTokens({ max_tokens, ...body }: Record<string, unknown>): Record<string, unknown> {
  return { ...body, max_completion_tokens: max_tokens };
}

function requireParameters(body: Record<string, unknown>): Record<string, unknown> {
  return { ...body, provider: { require_parameters: true } };
}

/** The address to ask, without a slash at its end. Throws CONFIG_INVALID where there is none, or none that can be used. */
export function baseUrlOf({
  provider,
  baseUrl,
}: {
  provider: LlmProvider;
  baseUrl: string | null | undefined;
}): string {
  const text = baseUrl ?? BASE_URLS[provider];
  const url = text === null ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new CountersteerError("CONFIG_INVALID", {
      what: text === null ? "The language model's server has no address." : `"${text}" is no server address.`,
      why: "It takes an http or https address without user name and query.",
      todo: "Give the base URL, for example http://127.0.0.1:8080/v1.",
      facts: { provider, baseUrl: text },
    });
  }
  return url.href.replace(/\/+$/, "");
}
