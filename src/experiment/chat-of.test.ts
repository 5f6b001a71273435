import { expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { chatOf, templateHash } from "./chat-of.ts";

const OFF = { doubledHeader: false, sharedPrompts: false };
const ON = { ...OFF, doubledHeader: true };
const LLAMA =
  "{{ bos_token }}<|start_header_id|>user<|end_header_id|>{{ messages[0].content }}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";

function engineOf(chatTemplate: string) {
  const info = { chatTemplate, bosText: "<|begin_of_text|>", eosText: "<|eot_id|>", name: "made" };
  const tokenize = async (text: string) => Int32Array.from(text, (char) => char.codePointAt(0) ?? 0);
  // only these parts are used
  return { info, tokenize } as unknown as Engine;
}

async function textOf(quirks: typeof OFF): Promise<string> {
  const tokens = await chatOf({ engine: engineOf(LLAMA), quirks })([{ role: "user", content: "Hello" }]);
  return String.fromCodePoint(...tokens);
}

test("the doubled header stands behind the whole prompt, with a second beginning of text, and is told by the hash", async () => {
  expect(await textOf(ON)).toBe(
    `${await textOf(OFF)}<|begin_of_text|><|start_header_id|>assistant<|end_header_id|>`,
  );
  const engine = engineOf(LLAMA);
  expect(templateHash({ engine, quirks: ON })).not.toBe(templateHash({ engine, quirks: OFF }));
});

test("a model without such a header is refused", () => {
  expect(() => chatOf({ engine: engineOf("{{ messages[0].content }}"), quirks: ON })).toThrow(
    /can't be doubled/,
  );
});

/** The format of Llama 3.1, written down anew: a system block with fixed dates, trimmed contents, a header for each turn (METHOD.md 2.4). */
const LLAMA_3_1 = `{{- bos_token }}
{%- set given = messages[0].role == "system" %}
{%- set system = messages[0].content | trim if given else "" %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\nCutting Knowledge Date: December 2023\\nToday Date: 26 Jul 2024\\n\\n" + system + "<|eot_id|>" }}
{%- for message in messages %}
{%- if message.role != "system" %}
{{- "<|start_header_id|>" + message.role + "<|end_header_id|>\\n\\n" + message.content | trim + "<|eot_id|>" }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- "<|start_header_id|>assistant<|end_header_id|>\\n\\n" }}
{%- endif %}`;

/** Pieces of Llama 3's vocabulary that the format is made of; anything else is a number of its own for each character. */
const PIECES: [string, number][] = [
  ["<|begin_of_text|>", 128000],
  ["<|start_header_id|>", 128006],
  ["<|end_header_id|>", 128007],
  ["<|eot_id|>", 128009],
  ["assistant", 78191],
  ["\n\n", 271],
];

function llamaTokens(text: string): number[] {
  const tokens: number[] = [];
  for (let at = 0; at < text.length; ) {
    const [piece, id] = PIECES.find(([each]) => text.startsWith(each, at)) ?? [
      text.charAt(at),
      200_000 + text.charCodeAt(at),
    ];
    tokens.push(id);
    at += piece.length;
  }
  return tokens;
}

test("in the format of Llama 3.1, exactly the reference's four tokens stand behind a prompt that ends in a header and a blank line", async () => {
  const engine = engineOf(LLAMA_3_1);
  const tokenize = async (text: string) => Int32Array.from(llamaTokens(text));
  const messages = [{ role: "user" as const, content: " How do I bake bread?\n" }];
  const tokensWith = async (quirks: typeof OFF) => [
    ...(await chatOf({ engine: { ...engine, tokenize }, quirks })(messages)),
  ];
  const plain = await tokensWith(OFF);
  expect(plain).toEqual(
    llamaTokens(
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\nHow do I bake bread?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
  );
  expect(plain.filter((token) => token === 128000)).toHaveLength(1);
  const doubled = await tokensWith(ON);
  expect(doubled.slice(0, plain.length)).toEqual(plain);
  expect(doubled.slice(plain.length - 4)).toEqual([
    ...[128006, 78191, 128007, 271],
    ...[128000, 128006, 78191, 128007],
  ]);
});

test("in the format of Llama 3.1, a system message stands in the system block, behind the dates", async () => {
  const messages = [
    { role: "system" as const, content: "Stay with the question." },
    { role: "user" as const, content: "Hello" },
  ];
  const tokens = await chatOf({ engine: engineOf(LLAMA_3_1), quirks: OFF })(messages);
  const text = String.fromCodePoint(...tokens);
  expect(text).toContain("Today Date: 26 Jul 2024\n\nStay with the question.<|eot_id|>");
  expect(text.split("<|start_header_id|>system")).toHaveLength(2);
});
