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
