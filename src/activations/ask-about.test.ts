import { describe, expect, test } from "vitest";
import { ASKS, asksAbout } from "./ask-about.ts";

describe("asks", () => {
  test("each round asks every topic once, another way", () => {
    const topics = ["dragon", "sugar", "ticket"];
    const asks = asksAbout({ topics, rounds: ASKS.length });
    expect(asks.map(({ index }) => index)).toEqual([...asks.keys()]);
    for (const topic of topics) {
      const prompts = asks.filter((ask) => ask.topic === topic).map(({ prompt }) => prompt);
      expect(new Set(prompts).size).toBe(ASKS.length);
      expect(prompts.every((prompt) => prompt.includes(`"${topic}"`))).toBe(true);
    }
  });
});
