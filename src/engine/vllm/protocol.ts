/**
 * What the client and a vLLM server with `countersteer-vllm` say to each other (docs/vllm-protocol.md). The Python side checks the same shapes
 * in `python/src/countersteer_vllm/spec.py`. A change that the other side would misread gets a new number.
 */
import { z } from "zod";
import { ERROR_CODES } from "../../errors.ts";

export const PROTOCOL = 1;
/** Key within `vllm_xargs`; its value is the JSON text of a `steerSpec`. */
export const XARGS_KEY = "countersteer";
/** Routes besides the OpenAI ones, below the server's root. */
export const ROUTES = {
  health: "/countersteer/health",
  saes: "/countersteer/saes",
  capture: "/countersteer/capture",
  score: "/countersteer/score",
  divergence: "/countersteer/divergence",
} as const;

const protocol = z.literal(PROTOCOL);
const count = z.int().min(0);
/** Base64 of little-endian float32, row-major. */
const floats = z.string();
const sae = z.string().min(1);
const layer = count;

const directionSchema = z.union([z.strictObject({ sae, latent: count }), z.strictObject({ vector: floats })]);

const editSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("add"), direction: directionSchema, strength: z.number() }),
  z.strictObject({
    kind: z.literal("clamp"),
    sae,
    latent: count,
    value: z.number(),
    share: z.number().gt(0).max(1).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("replace"),
    by: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("reconstruction"), sae }),
      z.strictObject({ kind: z.literal("zero") }),
      z.strictObject({ kind: z.literal("vector"), vector: floats }),
    ]),
  }),
]);

const positionsSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("prompt") }),
  z.strictObject({ kind: z.literal("generated") }),
  z.strictObject({ kind: z.literal("range"), start: count, end: count }),
  z.strictObject({ kind: z.literal("until-phrase"), phrases: z.array(z.string().min(1)).min(1) }),
]);

export const interventionSchema = z.strictObject({
  layer,
  edits: z.array(editSchema),
  positions: positionsSchema,
});
export type WireIntervention = z.infer<typeof interventionSchema>;

/** Stands in `vllm_xargs` as JSON text. `sae` is always the server's name of a dictionary. */
export const steerSpecSchema = z.strictObject({
  protocol,
  intervention: interventionSchema.exactOptional(),
  record: z.strictObject({ layer, sae, latents: z.array(count).min(1) }).exactOptional(),
});
export type SteerSpec = z.infer<typeof steerSpecSchema>;

const editReceiptSchema = z.strictObject({
  kind: z.enum(["add", "clamp", "replace"]),
  latent: count.nullable(),
  rowsChanged: count,
  meanValueBefore: z.number().nullable(),
  meanValueAfter: z.number().nullable(),
  meanSquaredError: z.number().exactOptional(),
});

const receiptSchema = z.strictObject({
  layer,
  rowsEdited: z.int().min(1),
  promptRows: count,
  generatedRows: count,
  meanDose: z.number(),
  meanNormBefore: z.number(),
  meanNormAfter: z.number(),
  edits: z.array(editReceiptSchema),
});

const receipt = receiptSchema.nullable();
/** Drawn anew at each start of a server: an answer with another one comes from a server that was started again since the handshake. */
const instance = z.string().min(1).exactOptional();

/** The field `countersteer` of a completion; of a streamed one it comes in the last event before `[DONE]`, with no choices. */
export const completionExtraSchema = z.strictObject({
  protocol,
  instance,
  promptTokens: count,
  /** Generated tokens, without the end token and without those that a stop string cut off. */
  tokens: z.array(count),
  /** UTF-16 offset in `text` at which each token begins. */
  offsets: z.array(count),
  text: z.string(),
  finish: z.enum(["stop", "length", "stop-string"]),
  receipt,
  /** One row for each token that was fed and is kept: `promptTokens` + generated ones, without the last sampled. */
  recorded: z.strictObject({ rows: count, columns: count, values: floats }).nullable(),
});
export type CompletionExtra = z.infer<typeof completionExtraSchema>;

/** Bodies of the routes. `model` is a served name: the base model's (also where it is absent), or an adapter's. */
const tokens = z.array(count).min(1);
const model = z.string().exactOptional();

export const captureBodySchema = z.strictObject({
  protocol,
  model,
  tokens,
  /** How many of `tokens` count as prompt. @default all */
  promptTokens: count.exactOptional(),
  layer,
  intervention: interventionSchema.exactOptional(),
  what: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("rows") }),
    z.strictObject({ kind: z.literal("latents"), sae, latents: z.array(count) }),
  ]),
});
export const captureAnswerSchema = z.strictObject({
  protocol,
  instance,
  rows: count,
  columns: count,
  values: floats,
  receipt,
});

export const scoreBodySchema = z.strictObject({
  protocol,
  model,
  tokens,
  from: z.int().min(1),
  intervention: interventionSchema.exactOptional(),
});
/** `logProbs` is `[tokens - from]`. */
export const scoreAnswerSchema = z.strictObject({ protocol, instance, logProbs: floats, receipt });

export const divergenceBodySchema = z.strictObject({
  protocol,
  model,
  tokens,
  from: z.int().min(1),
  intervention: interventionSchema,
});
/** Both `[tokens - from]`, in nats. */
export const divergenceAnswerSchema = z.strictObject({
  protocol,
  instance,
  kl: floats,
  reverse: floats,
  receipt,
});

const errorRecordSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  what: z.string(),
  why: z.string(),
  todo: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

/** Body of a refusal (mostly HTTP 400), and of the event that ends a stream which failed. vLLM's own errors lack `countersteer`. */
export const refusalSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullish(),
    code: z.union([z.number(), z.string()]),
  }),
  countersteer: errorRecordSchema.exactOptional(),
});

export const servedSaeSchema = z.strictObject({
  name: sae,
  /** On the server. */
  path: z.string(),
  /** As `Dictionary.hash()`; null in a list, given for one dictionary. */
  hash: z.string().nullable(),
  format: z.string(),
  architecture: z.enum(["standard", "topk", "jumprelu", "gated"]),
  dModel: count,
  latents: count,
  k: count.nullable(),
  layer: count.nullable(),
  hookName: z.string().nullable(),
  modelName: z.string().nullable(),
});
export type ServedSae = z.infer<typeof servedSaeSchema>;

/** `hash` is the SHA-256 of the adapter's weights file. */
export const servedAdapterSchema = z.object({
  name: z.string(),
  path: z.string(),
  hash: z.string().nullable(),
});
export type ServedAdapter = z.infer<typeof servedAdapterSchema>;

/** The handshake. Fields may be added without a new protocol, so unknown ones are let through. */
export const healthSchema = z.object({
  protocol: z.number(),
  instance,
  /** Version of countersteer-vllm. */
  plugin: z.string(),
  vllm: z.string(),
  /** Why every intervention would be refused on this server as it was started (compiled graphs and the like); null is ready. */
  refusal: errorRecordSchema.nullable(),
  model: z.object({
    /** Names under which the base model is served; the first is the default. */
    served: z.array(z.string()).min(1),
    path: z.string(),
    /** SHA-256 over the SHA-256s of config.json and the weights files in the order of their names; null while it is computed. */
    hash: z.string().nullable(),
    architecture: z.string(),
    /** Of the block class that is hooked. */
    block: z.string().nullable(),
    layers: count,
    dModel: count,
    vocabulary: count,
    maxModelLen: count,
    /** `float32`, `bfloat16`, `float16`. */
    dtype: z.string(),
    quantization: z.string().nullable(),
    /** `dtype`, or the quantisation where there is one. */
    weightType: z.string(),
    cacheType: z.string(),
    addsBos: z.boolean(),
    bosText: z.string(),
    eosText: z.string(),
    chatTemplate: z.string().nullable(),
  }),
  engine: z.object({
    device: z.string(),
    tensorParallel: count,
    pipelineParallel: count,
    dataParallel: count,
    maxSequences: count,
    maxBatchedTokens: count,
    chunkedPrefill: z.boolean(),
    prefixCaching: z.boolean(),
    eager: z.boolean(),
    asyncScheduling: z.boolean(),
  }),
  /** Library versions, for the manifest. */
  build: z.record(z.string(), z.union([z.string(), z.number()])),
  saes: z.array(servedSaeSchema),
  adapters: z.array(servedAdapterSchema),
});
export type ServerHealth = z.infer<typeof healthSchema>;
