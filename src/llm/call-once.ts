/** One exchange with a provider: what was asked becomes what was said, or throws as the AI SDK throws. */
import { generateText, Output, wrapLanguageModel } from "ai";
import { z } from "zod";
import type { LlmUsage, StructuredMode } from "./llm-client.ts";
import type { ProviderModel } from "./provider-model.ts";

export interface CallOnceOptions {
  model: ProviderModel;
  system: string;
  prompt: string;
  schema: z.ZodType;
  structured: StructuredMode;
  /** null leaves it to the model. */
  temperature: number | null;
  maxTokens: number;
  signal: AbortSignal;
}

/** What the model wrote, before anybody has read it. */
export interface RawAnswer {
  text: string;
  finish: "stop" | "length" | "refused" | "content-filter" | "other";
  usage: LlmUsage;
  /** The model that the server says has answered. */
  model: string | null;
  /** US dollars that the server says it took; null where it does not say. */
  costUsd: number | null;
}

export async function callOnce(options: CallOnceOptions): Promise<RawAnswer> {
  const { schema, structured, prompt, temperature, maxTokens, signal } = options;
  let body: unknown = null;
  const model = wrapLanguageModel({
    model: options.model,
    middleware: {
      specificationVersion: "v4",
      wrapGenerate: async ({ doGenerate }) => {
        const result = await doGenerate();
        body = result.response?.body;
        // the SDK would print warnings to the console; what matters of them is in `describe()`
        return { ...result, warnings: [] };
      },
    },
  });
  const { text, finishReason, rawFinishReason, usage, response } = await generateText({
    model,
    instructions: instructionsOf(options),
    prompt,
    maxOutputTokens: maxTokens,
    maxRetries: 0,
    abortSignal: signal,
    ...(temperature === null ? {} : { temperature }),
    // the format is asked for and the answer read as text, so that a wrong one is an answer and not an exception
    ...(structured === "text"
      ? {}
      : { output: { ...Output.object({ schema }), parseCompleteOutput: readNothing } }),
  });
  const said = serverSchema.safeParse(body).data;
  return {
    text,
    finish: finishOf({ finishReason, rawFinishReason }),
    usage: { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 },
    model: said?.model ?? (response.modelId === "" ? null : response.modelId),
    costUsd: said?.usage?.cost ?? null,
  };
}

/** OpenRouter tells the cost of each call. */
const serverSchema = z.object({
  model: z.string().min(1).nullish(),
  usage: z.object({ cost: z.number().min(0).nullish() }).nullish(),
});

async function readNothing(): Promise<null> {
  return null;
}

/** Servers that don't enforce the schema are told it. */
function instructionsOf({ system, schema, structured }: CallOnceOptions): string {
  return structured === "schema"
    ? system
    : `${system}\n\nAnswer with one JSON object and nothing else. Its JSON schema:\n${JSON.stringify(z.toJSONSchema(schema))}`;
}

function finishOf({
  finishReason,
  rawFinishReason,
}: {
  finishReason: string;
  rawFinishReason: string | undefined;
}): RawAnswer["finish"] {
  if (finishReason === "stop" || finishReason === "length") {
    return finishReason;
  }
  if (finishReason !== "content-filter") {
    return "other";
  }
  // the SDK calls everything withheld a filter: OpenAI's `refusal` message ends with "stop", Anthropic's with "refusal"
  return rawFinishReason === "stop" || rawFinishReason === "refusal" ? "refused" : "content-filter";
}
