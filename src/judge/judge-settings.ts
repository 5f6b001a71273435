/** What a configuration says about the judge. */
import { z } from "zod";
import { LLM_PROVIDERS, STRUCTURED_MODES } from "../llm/llm-client.ts";

export const JUDGE_KINDS = ["likelihood", "llm", "local-llm"] as const;

export const judgeSettingsSchema = z
  .strictObject({
    kind: z.enum(JUDGE_KINDS).default("likelihood"),
    /** `likelihood`: other prompts that a response is compared under. */
    contrastSize: z.number().int().min(1).default(2),
    /** `likelihood`: unsteered answers to held-out prompts that calibrate the scale. */
    calibrationAnswers: z.number().int().min(8).default(38),
    /** `llm`: one of our names or the provider's id. `local-llm`: a known model or a GGUF file. */
    model: z.string().min(1).nullable().default(null),
    provider: z.enum(LLM_PROVIDERS).default("anthropic"),
    /** null takes the provider's own. */
    baseUrl: z.string().nullable().default(null),
    /** How the server keeps replies to their schema. */
    structured: z.enum(STRUCTURED_MODES).default("schema"),
    /** Don't tell the judge the latent's label. */
    blind: z.boolean().default(false),
    /** Times that a language model judges each response. */
    votes: z.number().int().min(1).max(25).default(1),
    /** Longest reply of a language model. */
    maxTokens: z.number().int().min(64).default(4096),
    concurrency: z.number().int().min(1).default(8),
    requestsPerMinute: z.number().gt(0).nullable().default(null),
    maxRetries: z.number().int().min(0).default(5),
    timeoutSeconds: z.number().gt(0).default(120),
    /** US dollars per million tokens, in place of the shipped table. */
    price: z
      .strictObject({ input: z.number().min(0), output: z.number().min(0) })
      .nullable()
      .default(null),
  })
  .refine(({ kind, model }) => kind === "likelihood" || model !== null, {
    path: ["model"],
    message: "a judge that is a language model needs one",
  })
  .refine(({ kind, provider, baseUrl }) => kind !== "llm" || provider !== "compatible" || baseUrl !== null, {
    path: ["baseUrl"],
    message: "the provider `compatible` needs the address of its server",
  });

export type JudgeSettings = z.infer<typeof judgeSettingsSchema>;
