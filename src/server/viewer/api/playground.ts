/** The playground: one question, steered and unsteered at once. */
import { z } from "zod";
import { count } from "./common.ts";

/** `GET /api/playground`: what can be chosen. The model is loaded by the first answer. */
export const playgroundSchema = z.strictObject({
  /** Layers are null where the weights still have to be fetched; `contextLength` is prompt and answer together. */
  model: z.strictObject({ name: z.string(), layers: count.nullable(), contextLength: count }),
  /** Strengths between which thresholds lie, and a usual one; null where the model's are not known. Of a direction as long as the SAE's. */
  strengths: z.strictObject({ least: z.number(), most: z.number(), usual: z.number().nullable() }).nullable(),
  sae: z.strictObject({ id: z.string(), name: z.string(), layer: count, latents: count }).nullable(),
  /** `request.adapter` is a name; runs know an adapter by its hash (`made.content.adapter`), null where it can't be told yet. */
  adapters: z.array(z.strictObject({ name: z.string(), hash: z.string().nullable() })),
  metaPrompts: z.array(z.strictObject({ name: z.string(), text: z.string() })),
  /** Sets that can be ablated: the shipped detectors, and each of them. */
  detectors: z.array(z.strictObject({ latent: count, label: z.string().nullable() })),
});
export type Playground = z.infer<typeof playgroundSchema>;

/** Body of `POST /api/playground/answer`; answers stream as server-sent events until both sides ended. Closing the connection stops them. */
export const playgroundRequestSchema = z.strictObject({
  prompt: z.string().min(1).max(20_000),
  steering: z
    .strictObject({
      /** A latent of the SAE, or the difference of means of two sets of prompts. */
      by: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("latent"), latent: count }),
        z.strictObject({
          kind: z.literal("contrast"),
          positive: z.array(z.string().min(1)).min(1).max(50),
          negative: z.array(z.string().min(1)).min(1).max(50),
        }),
      ]),
      strength: z.number().min(-10_000).max(10_000),
      positions: z.enum(["all", "prompt", "generated"]),
    })
    .nullable(),
  /** Latents clamped to 0 in the steered answer. */
  ablate: z.array(count).max(500),
  /** Name of one of the meta-prompts, or text of one's own; stands behind the question on both sides. */
  metaPrompt: z.string().max(5000).nullable(),
  /** On both sides. */
  adapter: z.string().nullable(),
  seed: count,
  temperature: z.number().min(0).max(5),
  maxTokens: z.int().min(1).max(1024),
});
export type PlaygroundRequest = z.infer<typeof playgroundRequestSchema>;

export const SIDES = ["steered", "unsteered"] as const;
export type Side = (typeof SIDES)[number];
/** `data` of each event; the stream ends after `done` or `problem`. */
export const playgroundEventSchema = z.discriminatedUnion("type", [
  /** The model is being loaded, and what else takes time before the first word. */
  z.strictObject({ type: z.literal("status"), text: z.string() }),
  /** What comes next of the answer. */
  z.strictObject({ type: z.literal("text"), side: z.enum(SIDES), text: z.string() }),
  /** Measured up to now: per token of the answer, `[tokens]`. Detector values are the sum over the detectors, null for a token that was never fed; topicality is in nats. */
  z.strictObject({
    type: z.literal("curves"),
    side: z.enum(SIDES),
    offsets: z.array(count),
    detectors: z.array(z.number().nullable()).nullable(),
    topicality: z.array(z.number()).nullable(),
  }),
  z.strictObject({
    type: z.literal("end"),
    side: z.enum(SIDES),
    text: z.string(),
    finish: z.string(),
    tokens: count,
    /** Mean over edited rows of `||h' - h|| / ||h||`; null unsteered. */
    dose: z.number().nullable(),
    rowsEdited: count,
    /** In UTF-16 units. Scores are null where the judge has no calibration for this model yet, or the attempt is too short. */
    attempts: z.array(
      z.strictObject({
        start: count,
        end: count,
        restartPhrase: z.string().nullable(),
        score: z.number().nullable(),
      }),
    ),
  }),
  z.strictObject({ type: z.literal("done"), /** For `POST /api/playground/save`. */ answer: z.string() }),
  z.strictObject({
    type: z.literal("problem"),
    code: z.string(),
    what: z.string(),
    why: z.string(),
    todo: z.string(),
  }),
]);
export type PlaygroundEvent = z.infer<typeof playgroundEventSchema>;

/** Body of `POST /api/playground/save`: answers of this start become a run of their own, named within the shown folder; the reply is `{run}`. Answers of unequal sampling answer 409. */
export const saveRequestSchema = z.strictObject({
  answers: z.array(z.string()).min(1).max(1000),
  name: z.string().regex(/^[A-Za-z0-9][\w-]{0,63}$/),
});
export const savedSchema = z.strictObject({ run: z.string() });
