import { describe, expect, test } from "vitest";
import { scoreAttempts } from "./attempt-scores.ts";
import { splitRestarts } from "./restart-splitter.ts";

const calibration = {
  topicality: [{ tokens: 5, on: 1, off: 0 }],
  fluency: {
    logProb: { one: -2, zero: -6 },
    dispersion: { one: 2, zero: 4 },
    repetition: { one: 0.1, zero: 0.5 },
  },
};
const response =
  "The dragon sleeps on its gold. Wait, let me start over. Crack three eggs and whisk them. Oops, my mistake. Yes it is.";

/** One token a word, each with the space before it. */
const offsets = Int32Array.from([...response.matchAll(/\s*\S+/g)].map(({ index }) => index));
const { attempts } = splitRestarts(response);

function scored({ curve }: { curve: (word: string) => number }) {
  const words = response.match(/\s*\S+/g) ?? [];
  return scoreAttempts({
    response,
    offsets,
    tokens: Int32Array.from(words, (_, i) => i),
    topicality: Float32Array.from(words, (word) => curve(word.trim())),
    logProbs: new Float32Array(words.length).fill(-1),
    attempts,
    calibration,
  });
}

describe("attempt scores", () => {
  test("are those of the content, whatever the restart wording scores", () => {
    const first = new Set(["The", "dragon", "sleeps", "on", "its", "gold."]);
    const second = new Set(["Crack", "three", "eggs", "and", "whisk", "them."]);
    const curve = (word: string) => (first.has(word) ? 0.25 : second.has(word) ? 0.75 : -1000);
    expect(scored({ curve }).map(({ score }) => score)).toEqual([25, 75, null]);
  });

  test("an attempt of fewer than five tokens has none, and keeps its place in the text", () => {
    const last = scored({ curve: () => 1 }).at(-1);
    expect(last).toMatchObject({
      score: null,
      restartPhrase: "Oops, my mistake.",
      components: { tokens: 3 },
    });
    expect(response.slice(last?.start, last?.end)).toBe("Oops, my mistake. Yes it is.");
  });

  test("their components give the score back", () => {
    for (const { score, components } of scored({ curve: () => 0.4 }).slice(0, 2)) {
      expect(score).toBeCloseTo(100 * (components.onTopic ?? 0) * (components.fluency ?? 0), 10);
      expect(components.topicality).toBeCloseTo(0.4, 6);
      expect(components.logProb).toBe(-1);
    }
  });
});
