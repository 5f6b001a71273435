/** The recipe of a dictionary: everything that determines its weights, as a YAML file says it, with every default. */
import { z } from "zod";
import { invalidSettings } from "../../model/invalid-settings.ts";
import { trainSettingsSchema } from "../../sae/train/settings.ts";

const count = z.number().int().positive();

/** What a short run on a small model wants; the other settings have the trainer's own defaults. */
const SIZES = { latents: 8192, k: 32, totalRows: 1_500_000 };

const generateSchema = z.strictObject({
  /** File with one topic a line; null takes the shipped 3,000. */
  topics: z.string().min(1).nullable().default(null),
  /** Answers about each topic, each to another kind of request. */
  rounds: count.max(12).default(2),
  maxTokens: count.default(200),
  temperature: z.number().min(0).default(0.6),
  repetitionPenalty: z.number().gt(0).default(1.1),
});

const heldOutSchema = z.strictObject({
  /** Share of topics (of texts, where a document has no topic) that are never trained on. */
  share: z.number().min(0).max(0.5).default(0.02),
  /** Rows of them to measure on, at most. */
  rows: count.default(8192),
  /** Rows of training between two measurements. */
  every: count.default(100_000),
});

export const recipeSchema = z
  .strictObject({
    model: z.string().min(1).default("smollm2-135m"),
    weights: z.enum(["exact", "as-is", "fast"]).default("fast"),
    /** Block whose output is learned; null takes the model's own. */
    layer: z.number().int().min(0).nullable().default(null),
    /** Document files (.jsonl, .txt); null lets the model write answers about the shipped topics. */
    docs: z.array(z.string().min(1)).min(1).nullable().default(null),
    generate: generateSchema.prefault({}),
    /** Safetensors file with `rows` [n, d_model], in place of a model and documents. */
    activations: z.string().min(1).nullable().default(null),
    /** File in which the documents' activations are kept, to train on them several times. */
    cache: z.string().min(1).nullable().default(null),
    cacheType: z.enum(["F32", "F16"]).default("F32"),
    /** Tokens of a sequence at most. */
    context: z.number().int().min(16).default(256),
    /** Rows dropped at the start of each sequence: the first position is an attention sink. */
    skipFirst: z.number().int().min(0).max(15).default(1),
    /** One of so many chats keeps the rows of the template before its question, which are the same in all; 1: all do, 0: none. */
    prefixEvery: z.number().int().min(0).default(16),
    /** Rows whose norm exceeds so many times the median are dropped; null keeps all. */
    maxNormRatio: z.number().min(1).nullable().default(null),
    /** Rows within which is shuffled; two such blocks are in memory. */
    blockRows: count.default(65_536),
    heldOut: heldOutSchema.prefault({}),
    /** Rows of training between two checkpoints. */
    checkpointEvery: count.default(250_000),
    /** `src/sae/train/settings.ts` */
    train: z
      .record(z.string(), z.unknown())
      .default({})
      .transform((given) => ({ ...SIZES, ...given }))
      .pipe(trainSettingsSchema),
    /** What a finished recipe says of its making; not read. */
    provenance: z.unknown().optional(),
  })
  .refine(({ activations, docs, cache }) => activations === null || (docs === null && cache === null), {
    message: "activations come from a file, or from documents, not from both",
    path: ["activations"],
  });

export type Recipe = Omit<z.infer<typeof recipeSchema>, "provenance">;

/** Checks settings from outside. Throws CONFIG_INVALID naming each field. */
export function parseRecipe({ settings, source }: { settings: unknown; source: string }): Recipe {
  const parsed = recipeSchema.safeParse(settings);
  if (parsed.success) {
    const { provenance: _, ...recipe } = parsed.data;
    return recipe;
  }
  const todo = "Correct these fields; docs/sae.md shows a recipe with all of them.";
  throw invalidSettings({ source, kind: "recipe", error: parsed.error, todo });
}
