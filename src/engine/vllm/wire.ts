/** Between the engine's own words and the protocol's: vectors as base64 of little-endian float32, dictionaries by the server's names. */
import { CountersteerError } from "../../errors.ts";
import type {
  Edit,
  Generation,
  GenerationRequest,
  Intervention,
  Receipt,
  Recording,
  Sampling,
} from "../engine.ts";
import {
  type CompletionExtra,
  PROTOCOL,
  type SteerSpec,
  type WireIntervention,
  XARGS_KEY,
} from "./protocol.ts";

/** The server's name of a dictionary. */
export type SaeName = (sae: string) => string;

function encodeFloats(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}

/** Throws RangeError unless there are exactly `count` numbers. */
export function decodeFloats(text: string, count: number): Float32Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== count * 4) {
    throw new RangeError(`${bytes.length} bytes where ${count} float32 numbers were expected`);
  }
  // a copy of its own, for a small buffer lies in a pool, at any address
  const values = new Float32Array(count);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

/** Every dictionary that an intervention and a recording name, with the latents that they name of it. */
export function latentsOf({
  intervention,
  record,
}: {
  intervention?: Intervention | undefined;
  record?: Pick<Recording, "sae" | "latents"> | undefined;
}): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const add = (sae: string, latents: readonly number[]) =>
    found.set(sae, [...(found.get(sae) ?? []), ...latents]);
  if (record !== undefined) add(record.sae, record.latents);
  for (const edit of intervention?.edits ?? []) {
    if (edit.kind === "clamp") add(edit.sae, [edit.latent]);
    else if (edit.kind === "add" && "sae" in edit.direction) add(edit.direction.sae, [edit.direction.latent]);
    else if (edit.kind === "replace" && edit.by.kind === "reconstruction") add(edit.by.sae, []);
  }
  return found;
}

export function wireIntervention({
  intervention: { layer, positions, edits },
  nameOf,
}: {
  intervention: Intervention;
  nameOf: SaeName;
}): WireIntervention {
  return { layer, positions, edits: edits.map((edit) => wireEdit(edit, nameOf)) };
}

function wireEdit(edit: Edit, nameOf: SaeName): WireIntervention["edits"][number] {
  switch (edit.kind) {
    case "add": {
      const { direction, strength } = edit;
      const wired =
        "vector" in direction
          ? { vector: encodeFloats(direction.vector) }
          : { sae: nameOf(direction.sae), latent: direction.latent };
      return { kind: "add", direction: wired, strength };
    }
    case "clamp": {
      const { sae, latent, value, share } = edit;
      return {
        kind: "clamp",
        sae: nameOf(sae),
        latent,
        value,
        ...(share === undefined ? {} : { share }),
      };
    }
    case "replace": {
      const { by } = edit;
      if (by.kind === "zero") return { kind: "replace", by };
      return {
        kind: "replace",
        by:
          by.kind === "vector"
            ? { kind: "vector", vector: encodeFloats(by.vector) }
            : { kind: "reconstruction", sae: nameOf(by.sae) },
      };
    }
    default:
      return edit satisfies never;
  }
}

/** The body of a completion. Every sampling field is sent: vLLM fills absent ones from the model's own settings. */
export function completionBody({
  request,
  model,
  nameOf,
  stream,
}: {
  request: GenerationRequest;
  /** Name under which the model, or the adapter, is served. */
  model: string;
  nameOf: SaeName;
  stream: boolean;
}): Record<string, unknown> {
  const { tokens, sampling, grammar, intervention, record } = request;
  const spec: SteerSpec = {
    protocol: PROTOCOL,
    ...(isEdited(intervention) ? { intervention: wireIntervention({ intervention, nameOf }) } : {}),
    ...(record === undefined ? {} : { record: { ...record, sae: nameOf(record.sae) } }),
  };
  return {
    model,
    prompt: Array.from(tokens),
    ...wireSampling(sampling),
    ...(grammar === undefined ? {} : { structured_outputs: { grammar } }),
    ...(stream ? { stream: true, return_token_ids: true } : {}),
    vllm_xargs: { [XARGS_KEY]: JSON.stringify(spec) },
  };
}

function wireSampling(sampling: Sampling): Record<string, unknown> {
  const { temperature, topP, topK, minP, repetitionPenalty, seed, maxTokens, stop } = sampling;
  return {
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    top_k: topK,
    min_p: minP,
    repetition_penalty: repetitionPenalty,
    presence_penalty: 0,
    frequency_penalty: 0,
    seed,
    stop,
  };
}

/** Throws EDIT_NOT_APPLIED where the proof of the intervention is missing, RangeError where the parts don't fit each other. */
export function generationOf({
  request,
  extra,
}: {
  request: GenerationRequest;
  extra: CompletionExtra;
}): Generation {
  const { id, record, intervention } = request;
  const { promptTokens, tokens, offsets, text, finish, receipt, recorded } = extra;
  requireReceipt({ id, intervention, receipt });
  if (offsets.length !== tokens.length || promptTokens !== request.tokens.length) {
    throw new RangeError(`the answer to ${id} is of another length than its parts`);
  }
  if (offsets.some((offset, i) => offset < (offsets[i - 1] ?? 0) || offset > text.length)) {
    throw new RangeError(`the tokens of the answer to ${id} don't lie in its text`);
  }
  return {
    id,
    tokens: Int32Array.from(tokens),
    text,
    offsets: Int32Array.from(offsets),
    promptTokens,
    finish,
    receipt,
    recorded: record === undefined ? null : recordedOf({ id, record, recorded }),
  };
}

function recordedOf({
  id,
  record,
  recorded,
}: {
  id: string;
  record: Recording;
  recorded: CompletionExtra["recorded"];
}): Float32Array {
  if (recorded === null || recorded.columns !== record.latents.length) {
    throw new RangeError(`the answer to ${id} lacks its recording`);
  }
  return decodeFloats(recorded.values, recorded.rows * recorded.columns);
}

/** An intervention without edits is none, and nothing proves it. */
export function isEdited(intervention: Intervention | undefined): intervention is Intervention {
  return intervention !== undefined && intervention.edits.length > 0;
}

/** An intervention without a receipt, or a receipt that edited nothing, would be an unsteered answer taken for a steered one. */
export function requireReceipt({
  id,
  intervention,
  receipt,
}: {
  id: string;
  intervention: Intervention | undefined;
  receipt: Receipt | null;
}): void {
  if (!isEdited(intervention) || receipt?.layer === intervention.layer) return;
  throw new CountersteerError("EDIT_NOT_APPLIED", {
    what: `The answer to ${id} has no receipt of its intervention.`,
    why: "Without it nothing proves that the edit was applied.",
    todo: "Check that every server runs the same version of countersteer-vllm.",
    facts: { id, layer: intervention.layer },
  });
}
