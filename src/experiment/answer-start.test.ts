import { expect, test } from "vitest";
import { joined, type Span, startOf } from "./answer-start.ts";

/** A tokenizer of single bytes, so that a character of two bytes can be cut. */
const engine = {
  info: { chatTemplate: null, bosText: "", eosText: "" },
  tokenize: async (text: string) => Int32Array.from(new TextEncoder().encode(text)),
  detokenize: async (tokens: Int32Array) => new TextDecoder().decode(Uint8Array.from(tokens)),
};

function spanOf(text: string): Span {
  const bytes = new TextEncoder().encode(text);
  const offsets: number[] = [];
  const decoder = new TextDecoder();
  let length = 0;
  for (const byte of bytes) {
    offsets.push(length);
    length += decoder.decode(Uint8Array.of(byte), { stream: true }).length;
  }
  return { tokens: Int32Array.from(bytes), text, offsets: Int32Array.from(offsets) };
}

const arms: Record<string, Span | null> = {
  off: spanOf("bees hum"),
  on: spanOf("mix"),
  cut: spanOf("a\u00e9b"),
  none: null,
};
const answerOf = (arm: string) => arms[arm] ?? null;
const start = (arm: string, tokens: number, sameLengthAs: string[] = []) =>
  startOf({ engine, prefill: { kind: "arm", arm, tokens, sameLengthAs }, answerOf });

test("a start is the source's first tokens, as long as the shortest of the answers allows", async () => {
  expect(await start("off", 4)).toEqual(spanOf("bees"));
  expect(await start("off", 4, ["on"])).toEqual(spanOf("bee"));
  expect(await start("on", 9)).toEqual(spanOf("mix"));
});

test("a start does not end within a character", async () => {
  expect((await start("cut", 2))?.text).toBe("a");
  expect((await start("cut", 3))?.text).toBe("a\u00e9");
});

test("there is none where an answer is missing", async () => {
  expect(await start("none", 4)).toBeNull();
  expect(await start("off", 4, ["none"])).toBeNull();
});

test("the continuation's offsets count from the beginning of the start, for stored and for given starts", async () => {
  const whole = spanOf("bees hum");
  const rest = spanOf(" hum");
  const stored = await start("off", 4);
  const given = await startOf({ engine, prefill: { kind: "text", text: "bees" }, answerOf });
  for (const each of [stored, given]) {
    expect(each && joined({ start: each, rest })).toEqual(whole);
  }
});

test("a text behind a start is a part of it, and the start keeps its tokens", async () => {
  const prefill = {
    kind: "arm",
    arm: "off",
    tokens: 4,
    sameLengthAs: [],
    followedBy: "\n\u00e9 no",
  } as const;
  const given = await startOf({ engine, prefill: { ...prefill, sameLengthAs: [] }, answerOf });
  expect(given).toEqual(spanOf("bees\n\u00e9 no"));
  expect(
    await startOf({ engine, prefill: { ...prefill, arm: "none", sameLengthAs: [] }, answerOf }),
  ).toBeNull();
});

test("a blank that the tokenizer puts before a given start does not move its tokens", async () => {
  const blank = { ...engine, tokenize: async (text: string) => engine.tokenize(` ${text}`) };
  const given = await startOf({ engine: blank, prefill: { kind: "text", text: "b\u00e9" }, answerOf });
  expect([...(given?.offsets ?? [])]).toEqual([0, 0, 1, 1]);
  expect(given?.text).toBe("b\u00e9");
});
