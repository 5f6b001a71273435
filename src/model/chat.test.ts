import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isCode } from "../errors.ts";
import { type ChatMessage, renderChat } from "./chat.ts";

const data = new URL("../../test/data/smollm2/", import.meta.url);
const template = readFileSync(new URL("chat-template.jinja", data), "utf8");
const Message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const { chats } = z
  .object({ chats: z.array(z.object({ messages: z.array(Message), text: z.string() })) })
  .parse(JSON.parse(readFileSync(new URL("tokens.json", data), "utf8")));

const special = { bosText: "<s>", eosText: "</s>" };
const hi: ChatMessage[] = [{ role: "user", content: "Hi" }];

function render(source: string | null, messages: ChatMessage[] = hi) {
  return renderChat({ template: source, messages, addGenerationPrompt: false, ...special });
}

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return isCode(error, "TEMPLATE_INVALID") ? error.message : error;
  }
}

test.each(chats)("the text of chat %# is the one that transformers renders", ({ messages, text }) => {
  const options = { template, messages, bosText: "<|im_start|>", eosText: "<|im_end|>" };
  expect(renderChat({ ...options, addGenerationPrompt: true })).toBe(text);
  expect(text.startsWith(renderChat({ ...options, addGenerationPrompt: false }))).toBe(true);
});

test("the special tokens' texts reach the template", () => {
  expect(render("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}")).toBe("<s>Hi</s>");
});

describe("the date", () => {
  const source = '{{ strftime_now("%d %B %Y") }}';

  test("is a fixed one, so that a prompt is the same on another day", () => {
    expect(render(source)).toBe("26 July 2024");
  });

  test("can be chosen", () => {
    const date = new Date(Date.UTC(2031, 0, 2));
    const options = { template: source, messages: hi, addGenerationPrompt: false, ...special };
    expect(renderChat({ ...options, date })).toBe("02 January 2031");
  });
});

test.each(["\n  {{ 1 }}", "{%- if true %}\n x{% endif %}", "  plain\n", "  {% if true %}\n y{% endif %}"])(
  "fixing the date adds and removes no white space: %j",
  (source) => {
    expect(render(source)).toBe(new Template(source).render({}));
  },
);

test("a model without a template is refused", () => {
  expect(codeOf(() => render(null))).toContain("no chat template");
});

test("a template that doesn't parse is refused", () => {
  expect(codeOf(() => render("{% for x in %}"))).toContain("could not be applied");
});

test("a template's own refusal is passed on", () => {
  const source = "{{ raise_exception('System role not supported') }}";
  expect(codeOf(() => render(source))).toContain("System role not supported");
});
