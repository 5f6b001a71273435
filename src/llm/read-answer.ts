/** Reads what a model wrote against its schema. Strict: the whole text is the JSON, but for one code fence around it. */
import type { z } from "zod";
import type { RawAnswer } from "./call-once.ts";
import type { LlmFailure } from "./llm-client.ts";

export type ReadAnswer<T> =
  | { status: "ok"; value: T }
  | { status: Exclude<LlmFailure["status"], "failed">; reason: string };

const FENCE = /^```(?:json)?\s*\n(?<inner>[\s\S]*?)\n?\s*```$/;
/** How models open when they decline in plain words. */
const DECLINES =
  /^(?:i(?:'m| am) (?:sorry|unable|not able)|(?:i'm |i am )?sorry,|i (?:can't|cannot|can not|won't|must decline)|as an ai\b)/i;

export function readAnswer<T>({
  answer,
  schema,
}: {
  answer: Pick<RawAnswer, "text" | "finish">;
  schema: z.ZodType<T>;
}): ReadAnswer<T> {
  const { finish } = answer;
  const text = answer.text.trim();
  if (finish === "refused") {
    return { status: "refused", reason: text === "" ? "the model declined" : text };
  }
  if (finish === "content-filter") {
    return { status: "content-filter", reason: "the provider's filter withheld the answer" };
  }
  if (text === "") {
    return { status: "empty", reason: `the answer has no text (${finish})` };
  }
  if (finish === "length") {
    return { status: "unparsable", reason: "the answer was cut off at its longest length" };
  }
  if (DECLINES.test(text.replaceAll("’", "'"))) {
    return { status: "refused", reason: text };
  }
  let value: unknown;
  try {
    value = JSON.parse(FENCE.exec(text)?.groups?.inner ?? text);
  } catch {
    return { status: "unparsable", reason: "the answer is no JSON" };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return { status: "ok", value: parsed.data };
  }
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(".") || "the top level";
  return { status: "unparsable", reason: `the answer is not what was asked: ${place}: ${issue?.message}` };
}
