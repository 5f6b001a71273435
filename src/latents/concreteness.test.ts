import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { assetPath } from "../sae/asset-path.ts";
import { type Label, readLabels } from "../sae/labels.ts";
import { MIN_CONCRETENESS, rateConcreteness } from "./concreteness.ts";
import { readLexicon } from "./lexicon.ts";

const lexicon = readLexicon();

function labelOf(fields: Partial<Label>): Label {
  return {
    index: 0,
    label: "",
    frequency: 0.01,
    maxActivation: 1,
    meanActivation: 1,
    topTokens: [],
    topTopics: [],
    concreteness: null,
    ...fields,
  };
}

function ratingOf(fields: Partial<Label>): number {
  return rateConcreteness({ label: labelOf(fields), lexicon }).rating;
}

describe("things, animals, food and named places are concrete", () => {
  test.each([
    ["dragons", [" dragon", " dragons", " Dragon"]],
    ["castles", [" castle", " castles", " fortress"]],
    ["food", [" bread", " soup", " potatoes", " cheese"]],
    ["animals", [" cat", " wolves", " horse", " mice"]],
    ["countries", [" Germany", " France", " Japan"]],
    ["bodies", [" eyes", " teeth", " hands"]],
  ])("%s", (_, words) => {
    const topTokens = Array.from({ length: 12 }, (_unused, i) => words[i % words.length] ?? "");
    expect(ratingOf({ topTokens, topTopics: ["shop", "day"] })).toBeGreaterThanOrEqual(MIN_CONCRETENESS);
  });
});

describe("abstract and function words are not, whatever their topics", () => {
  test.each([
    ["degree", [" most", " more"]],
    ["homographs of rare nouns", [" can", " does", " his", " may", " will"]],
    ["verbs", [" achieve", " achieved", " spoke"]],
    ["adjectives", [" short", " delicate", " most"]],
    ["abstract nouns", [" idea", " process", " senses", " physics"]],
    ["digits and signs", ["2", ",", "\n", " 1990"]],
  ])("%s", (_, words) => {
    const topTokens = Array.from({ length: 12 }, (_unused, i) => words[i % words.length] ?? "");
    expect(ratingOf({ topTokens, topTopics: ["castle", "dog", "bread"] })).toBeLessThan(35);
  });
});

describe("evidence", () => {
  test("a rating that came with the label is used as it is", () => {
    const label = labelOf({ topTokens: [" most"], concreteness: 91 });
    const { rating, source } = rateConcreteness({ label, lexicon });
    expect({ rating, source }).toEqual({ rating: 91, source: "rating" });
  });

  test("parts of words count neither for nor against, but too few whole words are not trusted", () => {
    const castles = new Array<string>(8).fill(" castle");
    const whole = ratingOf({ topTokens: castles });
    expect(ratingOf({ topTokens: [...castles, "agon", "ura", "um", " dr"] })).toBe(whole);
    expect(ratingOf({ topTokens: [" castle", "agon", "ura", "um"] })).toBeLessThan(MIN_CONCRETENESS);
  });

  test("short rare nouns are taken for parts of words", () => {
    const { evidence } = rateConcreteness({
      label: labelOf({ topTokens: [" hus", " bur", " cat"] }),
      lexicon,
    });
    expect(evidence).toMatchObject({ wholeWords: 1, fragments: 2 });
  });

  test("topics alone never make a latent concrete", () => {
    expect(ratingOf({ topTokens: ["ura", "um"], topTopics: ["lung", "dog", "castle"] })).toBeLessThan(
      MIN_CONCRETENESS,
    );
  });

  test("a label in prose is judged by its content words if there are no tokens", () => {
    expect(ratingOf({ label: "castles and knights" })).toBeGreaterThan(80);
    expect(ratingOf({ label: "expressions of degree and comparison" })).toBeLessThan(35);
  });

  test("any label is rated from 0 to 100", () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom(" castle", " most", " water", "ura")), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(words, words, fc.string(), (topTokens, topTopics, label) => {
        const rating = ratingOf({ topTokens, topTopics, label });
        expect(rating >= 0 && rating <= 100).toBe(true);
      }),
    );
  });
});

describe("words by their shares", () => {
  const words = (...shares: [string, number][]) => shares.map(([word, share]) => ({ word, share }));

  test("things pass and abstract words don't", () => {
    expect(ratingOf({ topWords: words(["castle", 0.5], ["fortress", 0.1]) })).toBeGreaterThan(90);
    expect(ratingOf({ topWords: words(["most", 0.5], ["idea", 0.1]) })).toBeLessThan(20);
  });

  test("a label that fires at a position, whatever stands there, is not concrete, even if its tokens are", () => {
    expect(ratingOf({ topWords: [], topTokens: new Array<string>(8).fill(" castle") })).toBe(0);
  });

  test("different things without anything in common count less than things of a kind", () => {
    const topWords = words(["shovel", 0.08], ["biscuit", 0.07], ["candle", 0.07], ["wolf", 0.08]);
    const mixed = ratingOf({ topWords, coherence: 0.01 });
    expect(mixed).toBeLessThan(MIN_CONCRETENESS);
    expect(ratingOf({ topWords, coherence: 0.2 })).toBeGreaterThan(MIN_CONCRETENESS);
    expect(ratingOf({ topWords })).toBe(mixed);
  });

  test("words that make up little of the firing are not trusted", () => {
    const few = words(["castle", 0.14]);
    expect(ratingOf({ topWords: few })).toBeLessThan(MIN_CONCRETENESS);
  });
});

test("precision and recall against a reader's ratings are what docs/latents.md says", () => {
  const rated = readRated();
  const byWords = quality(
    rated.map((each) => ({ ...each, rating: rateConcreteness({ label: each.words, lexicon }).rating })),
  );
  const byTokens = quality(
    rated.map((each) => ({ ...each, rating: rateConcreteness({ label: each.tokens, lexicon }).rating })),
  );
  expect(byTokens.precision).toBeCloseTo(0.59, 2);
  expect(byTokens.recall).toBeCloseTo(0.36, 2);
  expect(byWords.precision).toBeCloseTo(0.67, 2);
  expect(byWords.recall).toBeCloseTo(0.38, 2);
});

interface Rated {
  hand: number;
  /** Latents for which it stands: half of the sample was drawn from latents that a score calls concrete. */
  weight: number;
}

/** Latents of the default model's 4,096, rated by one reader from their contexts, each with the evidence of both kinds. */
function readRated(): (Rated & { words: Label; tokens: Label })[] {
  const schema = z.object({
    rating: z.number(),
    weight: z.number(),
    top_words: z.array(z.tuple([z.string(), z.number()])),
    about: z.array(z.string()),
    coherence: z.number().optional(),
    before: z.object({ top_tokens: z.array(z.string()), top_topics: z.array(z.string()) }),
  });
  const path = join(import.meta.dirname, "../../test/data/latents/concreteness-rated.jsonl");
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { rating, weight, top_words, about, coherence, before } = schema.parse(JSON.parse(line));
      const topWords = top_words.map(([word, share]) => ({ word, share }));
      return {
        hand: rating,
        weight,
        words: labelOf({ topWords, about, ...(coherence === undefined ? {} : { coherence }) }),
        tokens: labelOf({ topTokens: before.top_tokens, topTopics: before.top_topics }),
      };
    });
}

function quality(rated: readonly (Rated & { rating: number })[]) {
  const share = (of: (each: Rated & { rating: number }) => boolean) =>
    rated.filter(of).reduce((sum, { weight }) => sum + weight, 0);
  const both = share(({ hand, rating }) => hand >= MIN_CONCRETENESS && rating >= MIN_CONCRETENESS);
  return {
    precision: both / share(({ rating }) => rating >= MIN_CONCRETENESS),
    recall: both / share(({ hand }) => hand >= MIN_CONCRETENESS),
  };
}

test("a latent that fires on a part of words is not concrete, whatever the words mean", () => {
  const topWords = ["castle", "castor", "cast"].map((word) => ({ word, share: 0.3 }));
  expect(ratingOf({ label: '"cast-" in castle, castor, cast', topWords })).toBe(0);
  expect(ratingOf({ label: "castle, castor, cast", topWords })).toBeGreaterThan(30);
});

test("the default model's labels: a line break is low, people are high, and the number that passes is known", () => {
  const path = assetPath("smollm2-135m/sae/smollm2-135m-instruct.l15.8k/labels.jsonl.gz");
  // the stored ratings are these, rounded
  const ratings = readLabels({ path }).map(({ concreteness, ...label }) => ({
    stored: concreteness,
    made: rateConcreteness({ label: { ...label, concreteness: null }, lexicon }).rating,
  }));
  expect(ratings[999]?.made).toBeLessThan(20);
  expect(ratings[4210]?.made).toBeGreaterThan(90);
  expect(ratings.filter(({ stored }) => (stored ?? 0) >= MIN_CONCRETENESS).length).toBe(881);
  for (const { stored, made } of ratings) expect(Math.abs((stored ?? Number.NaN) - made)).toBeLessThan(1.5);
});
