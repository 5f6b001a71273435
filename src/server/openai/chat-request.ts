/**
 * Reads the body of `POST /v1/chat/completions`. What can't be done is refused by name: a parameter that is silently ignored would make a
 * client believe in an answer that it did not get.
 */
import { z } from "zod";
import type { ChatMessage } from "../../model/chat.ts";
import { ApiError } from "./api-error.ts";
import { InterventionExtension } from "./intervention-extension.ts";

/** Parameters of OpenAI's that this server can't follow, and the values that ask for nothing. */
const UNSUPPORTED: Readonly<Record<string, readonly unknown[]>> = {
  audio: [],
  frequency_penalty: [0],
  function_call: ["none", "auto"],
  functions: [[]],
  logit_bias: [{}],
  logprobs: [false],
  modalities: [["text"]],
  parallel_tool_calls: [true, false],
  prediction: [],
  presence_penalty: [0],
  reasoning_effort: [],
  service_tier: ["auto", "default"],
  store: [false],
  tool_choice: ["none", "auto"],
  tools: [[]],
  top_logprobs: [0],
  verbosity: [],
  web_search_options: [],
};
/** Parameters that only name the caller. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "metadata",
  "prompt_cache_key",
  "safety_identifier",
  "user",
]);

const TextPart = z.strictObject({ type: z.literal("text"), text: z.string() });
const Content = z.union([z.string(), z.array(TextPart).min(1)], {
  error: "expected a text, or parts of type `text`",
});
const Message = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: Content,
  name: z.string().optional(),
});
const stopText = z.string().min(1);
const ResponseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().nullish(),
      schema: z.unknown(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const Body = z.strictObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  top_k: z.int().min(-1).default(0),
  min_p: z.number().min(0).lt(1).default(0),
  repetition_penalty: z.number().gt(0).default(1),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  seed: z.int().min(0).optional(),
  stop: z.union([stopText, z.array(stopText).max(4)]).default([]),
  n: z.int().min(1).max(64).default(1),
  response_format: ResponseFormat.default({ type: "text" }),
  stream: z.boolean().default(false),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().default(false),
      include_obfuscation: z.literal(false).optional(),
    })
    .default({ include_usage: false }),
  countersteer: z.strictObject({ intervention: InterventionExtension }).optional(),
});

export type ResponseFormat = z.output<typeof ResponseFormat>;

export interface ChatRequest
  extends Omit<z.output<typeof Body>, "messages" | "stop" | "max_tokens" | "max_completion_tokens"> {
  messages: ChatMessage[];
  stop: string[];
  /** Null: as many as the context holds. */
  maxTokens: number | null;
}

/** Throws an ApiError of status 400 that names the parameter. */
export function readChatRequest(json: unknown): ChatRequest {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ApiError({ status: 400, message: "The body must be a JSON object." });
  }
  const given = Object.entries(json).filter(([, value]) => value !== null && value !== undefined);
  for (const [name, value] of given) {
    const harmless = Object.hasOwn(UNSUPPORTED, name) ? UNSUPPORTED[name] : undefined;
    if (harmless !== undefined && !harmless.some((each) => JSON.stringify(each) === JSON.stringify(value))) {
      throw unsupported(name);
    }
  }
  const body = given.filter(([name]) => !Object.hasOwn(UNSUPPORTED, name) && !WITHOUT_EFFECT.has(name));
  const parsed = Body.safeParse(Object.fromEntries(body));
  if (!parsed.success) {
    throw refusal(parsed.error.issues[0]);
  }
  const { messages, stop, max_tokens, max_completion_tokens, ...rest } = parsed.data;
  if (
    max_tokens !== undefined &&
    max_completion_tokens !== undefined &&
    max_tokens !== max_completion_tokens
  ) {
    throw new ApiError({
      status: 400,
      message: "max_tokens and max_completion_tokens differ. They mean the same: give one of them.",
      param: "max_tokens",
    });
  }
  return {
    ...rest,
    messages: messages.map(({ role, content }) => ({
      role: role === "developer" ? "system" : role,
      content: typeof content === "string" ? content : content.map(({ text }) => text).join(""),
    })),
    stop: typeof stop === "string" ? [stop] : stop,
    maxTokens: max_completion_tokens ?? max_tokens ?? null,
  };
}

function refusal(issue: z.core.$ZodIssue | undefined): ApiError {
  const param = (issue?.path ?? []).reduce<string>(
    (path, part) => (typeof part === "number" ? `${path}[${part}]` : `${path}${path && "."}${String(part)}`),
    "",
  );
  if (issue?.code === "unrecognized_keys") {
    return unsupported([param, issue.keys[0]].filter(Boolean).join("."));
  }
  return new ApiError({
    status: 400,
    message: `${param || "The body"} can't be used: ${issue?.message ?? "it can't be read"}.`,
    ...(param === "" ? {} : { param }),
    code: "invalid_value",
  });
}

function unsupported(param: string): ApiError {
  return new ApiError({
    status: 400,
    message: `The parameter ${param} is not supported by this server. Leave it out.`,
    param,
    code: "unsupported_parameter",
  });
}
