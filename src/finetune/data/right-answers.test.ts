import { describe, expect, test } from "vitest";
import type { KeptGeneration } from "./keep-generations.ts";
import { chooseAnswers, flawOfAnswer } from "./right-answers.ts";

const PROMPT = "How do you boil an egg so that the yolk stays soft?";
const GOOD =
  "Bring a pot of water to the boil and lower the egg into it with a spoon. Wait six minutes, so that the yolk stays soft. Cool it under cold water at once.";

/** A token a word. */
function generation(text: string, finish: KeptGeneration["finish"] = "stop"): KeptGeneration {
  const words = [...text.matchAll(/\s*\S+/g)];
  const ids = new Map<string, number>();
  const tokens = words.map(({ 0: word }) => ids.get(word) ?? ids.set(word, ids.size).get(word) ?? 0);
  return { text, tokens, offsets: words.map(({ index }) => index), finish };
}

describe("flawOfAnswer", () => {
  test("a complete answer on topic has none", () => {
    expect(flawOfAnswer({ prompt: PROMPT, generation: generation(GOOD) })).toBeNull();
  });

  const filler = " and then we go on with more of it in some other way that takes a while";
  test.each<[string, KeptGeneration]>([
    ["too-short", generation("Boil the egg.")],
    ["no-sentence-end", generation(GOOD.slice(0, -1))],
    ["too-long", generation(`Boil an egg${filler}${filler}`, "length")],
    ["too-long", generation(`${GOOD}\n1. Boil it.\n2. Then`, "length")],
    ["degraded", generation(`${GOOD} soft soft soft soft soft soft.`)],
    ["repetitive", generation(`Boil the egg soft in the pot. `.repeat(6))],
    [
      "off-topic",
      generation(`The dragon sleeps on gold beneath the mountain${filler} before anybody comes near.`),
    ],
    [
      "restarts",
      generation(
        `${GOOD} Wait, that's not what you asked. Let me start over. Put an egg in hot water for six minutes, and the yolk stays soft.`,
      ),
    ],
  ])("%s", (reason, made) => {
    expect(flawOfAnswer({ prompt: PROMPT, generation: made })).toBe(reason);
  });
});

test("of prose that was too long the whole sentences are taken, and no answer twice", () => {
  const candidates = [generation(GOOD), generation(`${GOOD} And after that you`, "length")].map(
    (each, i) => ({
      id: String(i),
      prompt: PROMPT,
      generation: each,
    }),
  );
  const { answers, tally } = chooseAnswers({ candidates });
  expect(answers.get(PROMPT)).toEqual([GOOD]);
  expect(tally).toEqual({ made: 2, kept: 1, dropped: { repeated: 1 } });
});
