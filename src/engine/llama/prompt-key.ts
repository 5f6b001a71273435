/** Tells whether two requests compute the same rows of a prompt. */
import type { GenerationRequest } from "../engine.ts";

/** Equal for requests with equal tokens, intervention and recording; sampling, grammar and id do not enter a prompt's rows. */
export function promptKey({
  tokens,
  intervention = undefined,
  record = undefined,
}: Pick<GenerationRequest, "tokens" | "intervention" | "record">): string {
  return `${bytes(tokens)} ${JSON.stringify([intervention ?? null, record ?? null], asText)}`;
}

function asText(_: string, value: unknown): unknown {
  return value instanceof Float32Array ? bytes(value) : value;
}

function bytes({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}
