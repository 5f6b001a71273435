/** What the toy server "computes": tokens are bytes, answers a fixed function of the request, receipts by the position policy. */
import { createHash } from "node:crypto";
import type { CompletionExtra, SteerSpec, WireIntervention } from "../../../src/engine/vllm/protocol.ts";

export const VOCABULARY = 257;
/** Ends an answer. */
const END = 256;
export const D_MODEL = 8;
export const LAYERS = 4;

export interface ToyRequest {
  prompt: readonly number[];
  seed: number;
  temperature: number;
  maxTokens: number;
  stop: readonly string[];
  spec: SteerSpec;
  /** Served name, which an adapter has too. */
  model: string;
}

/** A number in [0, 1) that depends on all parts. */
export function toyNumber(...parts: unknown[]): number {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  return digest.readUInt32LE(0) / 2 ** 32;
}

export function toyTokens(text: string): number[] {
  return [...Buffer.from(text, "utf8")];
}

export function toyText(tokens: readonly number[]): string {
  return Buffer.from(tokens.filter((token) => token !== END)).toString("utf8");
}

/** Null where the position policy selects no row that is fed: the real plug-in withholds such an answer. */
export function toyReceipt({
  intervention,
  promptTokens,
  fed,
}: {
  intervention: WireIntervention;
  promptTokens: number;
  /** Rows of prompt and answer that were computed. */
  fed: number;
}): CompletionExtra["receipt"] {
  const { layer, positions, edits } = intervention;
  const rows = Array.from({ length: fed }, (_, row) => row).filter((row) => {
    if (positions.kind === "prompt") return row < promptTokens;
    if (positions.kind === "generated") return row >= promptTokens;
    if (positions.kind === "range") return row >= positions.start && row < positions.end;
    return true;
  });
  if (rows.length === 0) return null;
  const promptRows = rows.filter((row) => row < promptTokens).length;
  return {
    layer,
    rowsEdited: rows.length,
    promptRows,
    generatedRows: rows.length - promptRows,
    meanDose: 0.5,
    meanNormBefore: 10,
    meanNormAfter: 12,
    edits: edits.map((edit) => {
      const latent =
        edit.kind === "clamp"
          ? edit.latent
          : edit.kind === "add" && "latent" in edit.direction
            ? edit.direction.latent
            : null;
      const value = latent === null ? null : 1;
      return {
        kind: edit.kind,
        latent,
        rowsChanged: rows.length,
        meanValueBefore: value,
        meanValueAfter: value,
        ...(edit.kind === "replace" ? { meanSquaredError: 0.25 } : {}),
      };
    }),
  };
}

/** Letters and spaces; ends early now and then, cuts at stop strings. Null where the intervention selects no row. */
export function toyCompletion(request: ToyRequest): CompletionExtra | null {
  const { prompt, seed, temperature, maxTokens, stop, spec, model } = request;
  const key = [prompt, temperature === 0 ? 0 : seed, spec.intervention ?? null, model];
  const tokens: number[] = [];
  let finish: CompletionExtra["finish"] = "length";
  while (tokens.length < maxTokens) {
    const u = toyNumber(key, tokens.length);
    if (tokens.length > 3 && u > 0.97) {
      finish = "stop";
      break;
    }
    tokens.push(u < 0.2 ? 32 : 97 + Math.floor(toyNumber(key, tokens.length, "letter") * 26));
    const text = toyText(tokens);
    const at = stop.map((each) => text.indexOf(each)).filter((each) => each >= 0);
    if (at.length > 0) {
      tokens.length = Math.min(...at);
      finish = "stop-string";
      break;
    }
  }
  const fed = prompt.length + Math.max(0, tokens.length - (finish === "length" ? 1 : 0));
  const { intervention, record } = spec;
  const receipt =
    intervention === undefined ? null : toyReceipt({ intervention, promptTokens: prompt.length, fed });
  if (intervention !== undefined && receipt === null) return null;
  return {
    protocol: 1,
    promptTokens: prompt.length,
    tokens,
    offsets: tokens.map((_, i) => i),
    text: toyText(tokens),
    finish,
    receipt,
    recorded:
      record === undefined
        ? null
        : {
            rows: fed,
            columns: record.latents.length,
            values: base64(
              Float32Array.from({ length: fed * record.latents.length }, (_, i) =>
                toyNumber(key, "record", i),
              ),
            ),
          },
  };
}

export function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
