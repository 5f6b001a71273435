import { expect, test } from "vitest";
import { ApiError } from "./api-error.ts";
import { readChatRequest } from "./chat-request.ts";

const PLAIN = { model: "m", messages: [{ role: "user", content: "hi" }] };

function refusal(change: Record<string, unknown>): Pick<ApiError, "status" | "param" | "code" | "message"> {
  try {
    readChatRequest({ ...PLAIN, ...change });
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("the request was accepted");
}

test("what is not given has OpenAI's defaults, and the length is left to the context", () => {
  expect(readChatRequest(PLAIN)).toMatchObject({
    temperature: 1,
    top_p: 1,
    n: 1,
    stream: false,
    stop: [],
    maxTokens: null,
    response_format: { type: "text" },
  });
});

test("parts are joined, the developer is the system, one stop text is a list of one, null is nothing", () => {
  const request = readChatRequest({
    model: "m",
    messages: [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ],
    stop: "X",
    seed: null,
    tools: null,
    logprobs: false,
    user: "me",
    max_completion_tokens: 9,
  });
  expect(request.messages).toEqual([
    { role: "system", content: "be brief" },
    { role: "user", content: "ab" },
  ]);
  expect([request.stop, request.maxTokens, request.seed]).toEqual([["X"], 9, undefined]);
});

test.each<[string, unknown]>([
  ["logprobs", true],
  ["top_logprobs", 3],
  ["tools", [{ type: "function", function: { name: "f" } }]],
  ["tool_choice", "required"],
  ["logit_bias", { 5: 1 }],
  ["frequency_penalty", 0.5],
  ["presence_penalty", -1],
  ["store", true],
  ["audio", {}],
  ["reasoning_effort", "low"],
  ["best_of", 2],
])("%s is refused by name and not ignored", (param, value) => {
  expect(refusal({ [param]: value })).toMatchObject({ status: 400, param, code: "unsupported_parameter" });
});

test.each<[string, Record<string, unknown>]>([
  ["temperature", { temperature: 3 }],
  ["top_p", { top_p: 0 }],
  ["n", { n: 0 }],
  ["max_tokens", { max_tokens: 0 }],
  ["max_tokens", { max_tokens: 5, max_completion_tokens: 6 }],
  ["seed", { seed: 0.5 }],
  ["stop", { stop: ["a", "b", "c", "d", "e"] }],
  ["messages", { messages: [] }],
  ["messages[0].role", { messages: [{ role: "tool", content: "x" }] }],
  ["messages[0].content", { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] }],
  ["response_format.type", { response_format: { type: "xml" } }],
  ["countersteer.intervention.edits", { countersteer: { intervention: { edits: [] } } }],
])("a bad value is refused at %s", (param, change) => {
  expect(refusal(change)).toMatchObject({ status: 400, param });
});

test("unknown fields deep inside are named with their place", () => {
  expect(refusal({ messages: [{ role: "user", content: "x", tool_calls: [] }] })).toMatchObject({
    param: "messages[0].tool_calls",
    code: "unsupported_parameter",
  });
  expect(() => readChatRequest([])).toThrow(ApiError);
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "a parameter that is named as every object's own %s is refused as any other that is unknown",
  (name) => {
    const body: unknown = JSON.parse(
      `{"model":"m","messages":[{"role":"user","content":"hi"}],"${name}":{"a":1}}`,
    );
    expect(() => readChatRequest(body)).toThrow(`The parameter ${name} is not supported`);
  },
);
