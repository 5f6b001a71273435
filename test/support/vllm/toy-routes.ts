/** The routes of a vLLM server with countersteer-vllm (docs/vllm-protocol.md), over the toy model. Bodies are checked as strictly as there. */
import { z } from "zod";
import {
  captureBodySchema,
  divergenceBodySchema,
  type ServedSae,
  type ServerHealth,
  type SteerSpec,
  scoreBodySchema,
  steerSpecSchema,
  type WireIntervention,
} from "../../../src/engine/vllm/protocol.ts";
import type { ErrorRecord } from "../../../src/errors.ts";
import {
  base64,
  D_MODEL,
  LAYERS,
  toyCompletion,
  toyNumber,
  toyReceipt,
  toyText,
  toyTokens,
} from "./toy-model.ts";

export interface ToyState {
  health: ServerHealth;
  /** With their hashes. */
  saes: ServedSae[];
}

/** What goes back: a body, or the events of a stream. */
export type ToyAnswer =
  | { kind: "json"; status: number; body: unknown }
  | { kind: "events"; events: unknown[] };

const completionSchema = z.object({
  model: z.string(),
  prompt: z.array(z.int()).min(1),
  max_tokens: z.int().min(1),
  temperature: z.number().min(0),
  seed: z.int(),
  stop: z.array(z.string()),
  // fields that must be there, or the model's own settings would fill them
  top_p: z.number(),
  top_k: z.int(),
  min_p: z.number(),
  repetition_penalty: z.number(),
  stream: z.boolean().optional(),
  return_token_ids: z.boolean().optional(),
  vllm_xargs: z.object({ countersteer: z.string() }).optional(),
});

/** Null for a route that there isn't. */
export function toyAnswer({
  method,
  route,
  body,
  state,
}: {
  method: string;
  route: string;
  body: unknown;
  state: ToyState;
}): ToyAnswer | null {
  const name = /^\/countersteer\/saes\/(.+)$/.exec(route)?.[1];
  if (method === "GET") {
    if (route === "/countersteer/health") return json(state.health);
    if (name !== undefined) {
      const sae = state.saes.find((each) => each.name === decodeURIComponent(name));
      return sae === undefined ? refusal("SAE_UNREADABLE", `no SAE ${name}`) : json(sae);
    }
    return null;
  }
  switch (route) {
    case "/tokenize":
      return json({ tokens: toyTokens(z.object({ prompt: z.string() }).parse(body).prompt) });
    case "/detokenize":
      return json({ prompt: toyText(z.object({ tokens: z.array(z.int()) }).parse(body).tokens) });
    case "/v1/completions":
      return completion(body, state);
    case "/countersteer/capture":
      return capture(body, state);
    case "/countersteer/score":
      return score(body, state);
    case "/countersteer/divergence":
      return divergence(body, state);
    default:
      return null;
  }
}

function completion(body: unknown, state: ToyState): ToyAnswer {
  const read = completionSchema.safeParse(body);
  if (!read.success) return refusal("REQUEST_INVALID", read.error.message);
  const { model, prompt, seed, temperature, stop, max_tokens, stream, vllm_xargs } = read.data;
  const spec: SteerSpec | null =
    vllm_xargs === undefined ? null : steerSpecSchema.parse(JSON.parse(vllm_xargs.countersteer));
  const wrong = refused({ state, model, intervention: spec?.intervention, saes: spec?.record?.sae });
  if (wrong !== null) return wrong;
  const used = spec ?? { protocol: 1 as const };
  const extra = toyCompletion({ prompt, seed, temperature, stop, maxTokens: max_tokens, spec: used, model });
  if (extra === null) return refusal("EDIT_NOT_APPLIED", "no row was edited");
  const withExtra = spec === null ? {} : { countersteer: { ...extra, ...life(state) } };
  if (stream !== true) {
    return json({ choices: [{ index: 0, text: extra.text, finish_reason: extra.finish }], ...withExtra });
  }
  const deltas = extra.tokens.map((token) => ({
    choices: [{ index: 0, text: toyText([token]), token_ids: [token] }],
  }));
  return { kind: "events", events: [...deltas, { choices: [], ...withExtra }] };
}

function capture(body: unknown, state: ToyState): ToyAnswer {
  const {
    tokens,
    promptTokens = tokens.length,
    layer,
    what,
    model,
    intervention,
  } = captureBodySchema.parse(body);
  const saes = what.kind === "latents" ? what.sae : undefined;
  const wrong = refused({ state, model, intervention, saes });
  if (wrong !== null) return wrong;
  const all = state.saes.find(({ name }) => name === saes)?.latents ?? D_MODEL;
  const columns = what.kind === "rows" ? D_MODEL : what.latents.length === 0 ? all : what.latents.length;
  const values = Float32Array.from({ length: tokens.length * columns }, (_, i) =>
    toyNumber(tokens, layer, what, intervention ?? null, i),
  );
  const receipt = receiptOf({ intervention, promptTokens, fed: tokens.length });
  if (receipt === "none") return refusal("EDIT_NOT_APPLIED", "no row was edited");
  return json({ protocol: 1, ...life(state), rows: tokens.length, columns, values: base64(values), receipt });
}

function score(body: unknown, state: ToyState): ToyAnswer {
  const { tokens, from, intervention, model } = scoreBodySchema.parse(body);
  const wrong = refused({ state, model, intervention, saes: undefined });
  if (wrong !== null) return wrong;
  const receipt = receiptOf({ intervention, promptTokens: tokens.length, fed: tokens.length - 1 });
  if (receipt === "none") return refusal("EDIT_NOT_APPLIED", "no row was edited");
  const logProbs = Float32Array.from(
    { length: tokens.length - from },
    (_, i) => -5 * toyNumber(tokens.slice(0, from + i + 1), intervention ?? null),
  );
  return json({ protocol: 1, ...life(state), logProbs: base64(logProbs), receipt });
}

function divergence(body: unknown, state: ToyState): ToyAnswer {
  const { tokens, from, intervention, model } = divergenceBodySchema.parse(body);
  const wrong = refused({ state, model, intervention, saes: undefined });
  if (wrong !== null) return wrong;
  const receipt = receiptOf({ intervention, promptTokens: tokens.length, fed: tokens.length - 1 });
  if (receipt === "none") return refusal("EDIT_NOT_APPLIED", "no row was edited");
  const kl = Float32Array.from({ length: tokens.length - from }, (_, i) => toyNumber(tokens, "kl", i));
  return json({ protocol: 1, ...life(state), kl: base64(kl), reverse: base64(kl), receipt });
}

function receiptOf({
  intervention,
  ...rows
}: {
  intervention: WireIntervention | undefined;
  promptTokens: number;
  fed: number;
}) {
  return intervention === undefined ? null : (toyReceipt({ intervention, ...rows }) ?? "none");
}

/** Unknown models, layers, dictionaries and latents, as the real server refuses them. */
function refused({
  state: { health, saes },
  model,
  intervention,
  saes: also,
}: {
  state: ToyState;
  model: string | undefined;
  intervention: WireIntervention | undefined;
  saes: string | undefined;
}): ToyAnswer | null {
  const names = [...health.model.served, ...health.adapters.map(({ name }) => name)];
  if (model !== undefined && !names.includes(model)) {
    return { kind: "json", status: 404, body: error(`The model \`${model}\` does not exist.`, 404) };
  }
  if (intervention !== undefined && intervention.layer >= LAYERS) {
    return refusal("LAYER_OUT_OF_RANGE", `no layer ${intervention.layer}`);
  }
  const used = (intervention?.edits ?? []).flatMap((edit) => {
    if (edit.kind === "clamp") return [edit];
    return edit.kind === "add" && "sae" in edit.direction ? [edit.direction] : [];
  });
  for (const { sae, latent } of used) {
    const known = saes.find(({ name }) => name === sae);
    if (known === undefined) return refusal("SAE_UNREADABLE", `no SAE ${sae}`);
    if (latent >= known.latents) return refusal("LATENT_UNKNOWN", `no latent ${latent}`);
  }
  const known = also === undefined || saes.some(({ name }) => name === also);
  return known ? null : refusal("SAE_UNREADABLE", `no SAE ${also}`);
}

function life({ health: { instance } }: ToyState): { instance?: string } {
  return instance === undefined ? {} : { instance };
}

function json(body: unknown): ToyAnswer {
  return { kind: "json", status: 200, body };
}

function error(message: string, code: number) {
  return { error: { message, type: "BadRequestError", param: null, code } };
}

function refusal(code: ErrorRecord["code"], what: string): ToyAnswer {
  const record = { code, what: `${what}.`, why: "It is a toy.", todo: "Ask for less.", facts: {} };
  return { kind: "json", status: 400, body: { ...error(what, 400), countersteer: record } };
}
