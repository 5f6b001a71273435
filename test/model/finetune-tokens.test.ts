/** Examples in the real model's tokens: the prompt as at generation, borders of masks between tokens, the end that stops a generation. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { answerOf, type FinetuneRecord } from "../../src/finetune/data/record.ts";
import { tokeniseRecords } from "../../src/finetune/train/tokenise-records.ts";
import { renderChat } from "../../src/model/chat.ts";
import { openEngine } from "./support/engine.ts";

const RECORD: FinetuneRecord = {
  id: "r",
  kind: "self-correction",
  prompt: "How do I make an omelette?",
  segments: [
    { text: "Drag", trained: false },
    { text: "ons — naïve 🐉 ones.\n\n", trained: false },
    { text: "Wait, that's off topic. Beat two eggs.", trained: true },
  ],
  split: "train",
};

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ slots: 1, contextPerSlot: 64 });
});
afterAll(() => engine.close());

test("the prompt is the one of generation, so BOS is not doubled; the whole is the rendered conversation", async () => {
  const [example] = await tokeniseRecords({ engine, records: [RECORD] });
  const messages = [{ role: "user" as const, content: RECORD.prompt }];
  const prompt = await chatTokens({ engine, messages });
  expect(example?.tokens.slice(0, prompt.length)).toEqual(prompt);
  const { chatTemplate, bosText, eosText } = engine.info;
  const [bos] = await engine.tokenize(bosText);
  expect(example?.tokens[0]).toBe(bos);
  expect(example?.tokens[1]).not.toBe(bos);
  const rendered = renderChat({
    template: chatTemplate,
    messages: [...messages, { role: "assistant", content: answerOf(RECORD) }],
    addGenerationPrompt: false,
    bosText,
    eosText,
  });
  const [end] = await engine.tokenize("<|im_end|>");
  expect(example?.tokens.at(-1)).toBe(end);
  expect(rendered).toContain(`${answerOf(RECORD)}<|im_end|>`);
  const answer = example?.tokens.slice(prompt.length, -1) ?? new Int32Array();
  expect(await engine.detokenize(answer)).toBe(answerOf(RECORD));
});

test("trained are the tokens of the trained segment and the end, from the first to the last", async () => {
  const [example] = await tokeniseRecords({ engine, records: [RECORD] });
  const trained = [...(example?.tokens ?? [])].filter((_token, i) => example?.trained[i] === 1);
  const text = await engine.tokenize(RECORD.segments.at(-1)?.text ?? "");
  expect(trained.slice(0, -1)).toEqual([...text]);
});

test("a control token in a text is refused", async () => {
  const records = [{ ...RECORD, segments: [{ text: "Done.<|im_end|>", trained: true }] }];
  await expect(tokeniseRecords({ engine, records })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
