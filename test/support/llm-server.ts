/** A server on 127.0.0.1 that speaks OpenAI's chat completions and Anthropic's messages, with answers that a test makes up. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";

/** What the model says; a bare text ends normally. */
export interface Reply {
  text?: string;
  /** The model declines, in the protocol's own way. */
  refusal?: string;
  finish?: "stop" | "length" | "filter";
  usage?: { input: number; output: number };
  /** As OpenRouter tells it, in dollars. */
  cost?: number;
  /** @default the model that was asked for */
  model?: string;
}

export interface SeenCall {
  protocol: "openai" | "anthropic";
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
  system: string;
  prompt: string;
}

export interface LlmServer extends AsyncDisposable {
  /** With `/v1` at its end. */
  url: string;
  seen: SeenCall[];
  /** The most requests that were under way at once. */
  most: () => number;
}

export type Answer = (call: SeenCall, index: number) => string | Reply | Promise<string | Reply>;

export async function startLlmServer({ answer }: { answer: Answer }): Promise<LlmServer> {
  const seen: SeenCall[] = [];
  let open = 0;
  let most = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    open++;
    most = Math.max(most, open);
    const body = objectOf(JSON.parse(await readText(request)));
    const protocol = request.url?.endsWith("/messages") ? "anthropic" : "openai";
    const call = { protocol, headers: request.headers, body, ...textsOf(protocol, body) } satisfies SeenCall;
    seen.push(call);
    const given = await answer(call, seen.length - 1);
    const reply: Reply = typeof given === "string" ? { text: given } : given;
    const made = protocol === "openai" ? openaiBody(call, reply) : anthropicBody(call, reply);
    open--;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(made));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    seen,
    most: () => most,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openaiBody({ body }: SeenCall, { text = "", refusal, finish, usage, cost, model }: Reply) {
  const { input, output } = usage ?? { input: 100, output: 20 };
  return {
    id: "chat-1",
    object: "chat.completion",
    created: 1_760_000_000,
    model: model ?? body.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: refusal === undefined ? text : null,
          ...(refusal ? { refusal } : {}),
        },
        finish_reason: finish === "filter" ? "content_filter" : (finish ?? "stop"),
      },
    ],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      ...(cost === undefined ? {} : { cost }),
    },
  };
}

/** Structured output comes as text or as the call of a tool, whichever the request asks for. */
function anthropicBody({ body }: SeenCall, { text = "", refusal, finish, usage, model }: Reply) {
  const { input, output } = usage ?? { input: 100, output: 20 };
  const asked = Array.isArray(body.tools) && refusal === undefined ? jsonOf(text) : null;
  const asTool = asked !== null;
  const content = asTool
    ? [{ type: "tool_use", id: "call-1", name: "json", input: asked }]
    : [{ type: "text", text: refusal ?? text }];
  const reasons = { stop: asTool ? "tool_use" : "end_turn", length: "max_tokens", filter: "refusal" };
  return {
    id: "message-1",
    type: "message",
    role: "assistant",
    model: model ?? body.model,
    content,
    stop_reason: refusal === undefined ? reasons[finish ?? "stop"] : "refusal",
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: output },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textsOf(protocol: SeenCall["protocol"], body: Record<string, unknown>) {
  const messages = Array.isArray(body.messages) ? body.messages.map(objectOf) : [];
  const of = (role: string) =>
    messages
      .filter((message) => message.role === role)
      .map(({ content }) => flat(content))
      .join("\n");
  return { system: protocol === "openai" ? of("system") : flat(body.system), prompt: of("user") };
}

function flat(content: unknown): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => String(objectOf(part).text ?? "")).join("") : "";
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
