import { describe, expect, it } from "vitest";
import type { Label } from "../sae/labels.ts";
import { findLabels } from "./find-labels.ts";

function label(index: number, text: string, rest: Partial<Label> = {}): Label {
  return {
    index,
    label: text,
    frequency: 0.01,
    maxActivation: 1,
    meanActivation: 1,
    topTokens: [],
    topTopics: [],
    concreteness: null,
    ...rest,
  };
}

const labels = [
  label(0, "myth", { topTokens: [" dragon"] }),
  label(1, "snapdragon"),
  label(2, "serpent / dragon"),
  label(3, "dragon / fire"),
  label(4, "dragon", { frequency: 0 }),
  label(5, "he / him"),
];
const indexes = (query: string) => findLabels({ labels, query }).map(({ index }) => index);

describe("findLabels", () => {
  it("puts whole words before parts before tokens, the front before the back, and leaves dead latents out", () => {
    expect(indexes("dragon")).toEqual([3, 2, 1, 0]);
  });

  it("finds the singular for a plural, in any letter case", () => {
    expect(indexes("Dragons").slice(0, 2)).toEqual([3, 2]);
  });

  it("looks into the words on which a latent fires, what is around them, and what it promotes, in this order", () => {
    const found = findLabels({
      labels: [
        label(0, "a", { promoted: [" virus"] }),
        label(1, "b", { about: ["virus"] }),
        label(2, "c", { topWords: [{ word: "viruses", share: 0.1 }] }),
        label(3, "d", { topWords: [{ word: "Virus", share: 0.4 }] }),
        label(4, "e", { topTokens: ["virus"] }),
      ],
      query: "virus",
    });
    expect(found.map(({ index }) => index)).toEqual([3, 2, 1, 4, 0]);
  });

  it("wants every word", () => {
    expect(indexes("fire dragon")).toEqual([3]);
    expect(indexes("dragon teapot")).toEqual([]);
  });

  it("does not take a short word for the beginning of a long one", () => {
    expect(indexes("helicopter")).toEqual([]);
  });

  it("finds all living latents for an empty query", () => {
    expect(indexes("")).toHaveLength(5);
  });
});
