/** What a provider's judge will take, before it is asked: calls, tokens, dollars. */
import type { LlmUsage } from "../../llm/llm-client.ts";
import { pinModel } from "../../llm/models.ts";
import { costOf, shippedPrice } from "../../llm/prices.ts";
import type { JudgeSettings } from "../judge-settings.ts";
import { judgePrompt } from "./prompt.ts";

export interface CallPlan {
  /** The provider's id of the model. */
  model: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** null where the model has no price. */
  costUsd: number | null;
  /** Date of the price; null where the settings give it, or there is none. */
  priceOf: string | null;
}

/** Rules of thumb: characters of English a token, and tokens of a reply with two attempts. */
const CHARACTERS_A_TOKEN = 4;
const REPLY_TOKENS = 250;

export interface PlanCallsOptions {
  settings: JudgeSettings;
  /** How many responses of at most how many tokens; the plan is for the most that they can be. */
  responses: readonly { count: number; tokens: number }[];
}

/** Needs no key. Throws CONFIG_INVALID as `pinModel` does. */
export function planCalls({ settings, responses }: PlanCallsOptions): CallPlan {
  const { provider, model, votes } = settings;
  const { id } = pinModel({ provider, model: model ?? "" });
  const shipped = settings.price === null ? shippedPrice({ provider, id }) : null;
  const price = settings.price ?? shipped?.price ?? null;
  const { system, prompt } = judgePrompt({ request: "", response: "", label: "" });
  const wording = (system.length + prompt.length) / CHARACTERS_A_TOKEN;
  const total = (of: (each: { count: number; tokens: number }) => number) =>
    responses.reduce((sum, each) => sum + of(each), 0);
  const calls = votes * total(({ count }) => count);
  const usage: LlmUsage = {
    inputTokens: Math.round(votes * total(({ count, tokens }) => count * (wording + tokens))),
    outputTokens: calls * REPLY_TOKENS,
  };
  const costUsd = price === null ? null : costOf({ price, usage });
  return { model: id, calls, ...usage, costUsd, priceOf: shipped?.asOf ?? null };
}
