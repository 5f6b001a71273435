/** What calls cost, from a dated table of list prices. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { LlmProvider, LlmUsage } from "./llm-client.ts";

/** US dollars per million tokens. */
export interface LlmPrice {
  input: number;
  output: number;
}

const dollars = z.number().min(0);
const tableSchema = z.object({
  asOf: z.iso.date(),
  prices: z.record(z.string(), z.object({ input: dollars, output: dollars })),
});

/** The shipped price of a model, and its date; null where there is none. */
export function shippedPrice({
  provider,
  id,
}: {
  provider: LlmProvider;
  id: string;
}): { asOf: string; price: LlmPrice } | null {
  const text = readFileSync(new URL("../../assets/llm/prices.json", import.meta.url), "utf8");
  const { asOf, prices } = tableSchema.parse(JSON.parse(text));
  const price = prices[`${provider}:${id}`];
  return price === undefined ? null : { asOf, price };
}

/** US dollars. */
export function costOf({ price, usage }: { price: LlmPrice; usage: LlmUsage }): number {
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}
