/**
 * How concrete a latent is (METHOD.md 4, step 3): 0 abstract or general, 100 a physical thing or a named place.
 * A rating that came with the label is used as it is. Without one, words are judged by WordNet, so that selection needs no judge.
 */
import type { Label } from "../sae/labels.ts";
import { CLEAR_SHARE, MIN_COHERENCE } from "./coherence.ts";
import { FUNCTION_WORDS } from "./function-words.ts";
import { type Lexicon, type LexiconEntry, lookUp } from "./lexicon.ts";

/** Latents rated at least this are concrete (METHOD.md 4, step 3). */
export const MIN_CONCRETENESS = 65;

export interface ConcretenessEvidence {
  /** Mean score of the words on which it fires (of the whole words among the top tokens), 0-100; null without any. */
  tokens: number | null;
  /** Mean score of the words around them (of the top topics) that WordNet knows, 0-100; null without any. */
  topics: number | null;
  /** Words that were judged, and top tokens that are parts of words and prove nothing. */
  wholeWords: number;
  fragments: number;
}

export interface Concreteness {
  rating: number;
  evidence: ConcretenessEvidence;
  source: "rating" | "wordnet";
}

const TOKEN_WEIGHT = 0.8;
/** With fewer whole words the tokens' evidence shrinks in proportion. */
const ENOUGH_WORDS = 8;
/** A noun that means a thing in at least this share of its uses counts in full: people picture "window" all the same. */
const PHYSICAL_SHARE = 85;
/** A word that is a noun in at least this share of its uses counts in full. */
const NOUN_SHARE = 50;
/** Shorter words that are also rare are more likely the first part of a longer one (" bur", " hus"). */
const SHORT_WORD = 4;
const RARE_USES = 4;

/** Words that make up less of a latent's firing are trusted in proportion. */
const ENOUGH_SHARE = 0.3;
/** Function words are often neighbours of what a latent stands for: they count less against it. */
const FUNCTION_WEIGHT = 0.5;
const UNKNOWN_WEIGHT = 0.5;
/** What is left of the rating of a latent that fires on words that have nothing in common. */
const MIXED = 0.6;
/** What a word keeps of the score of the noun that it is made of: "wooden" of "wood". */
const DERIVED = 0.7;
const DERIVED_ENDINGS = /(?:ed|en|ern|ing|ish|ous|y)$/;

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function scoreOf(entry: LexiconEntry): number {
  return 100 * Math.min(1, entry.physical / PHYSICAL_SHARE) * Math.min(1, entry.noun / NOUN_SHARE);
}

/** Score of a top token; null for a fragment, which says nothing either way. */
function scoreToken({ token, lexicon }: { token: string; lexicon: Lexicon }): number | null {
  const letters = /^ ?([A-Za-z]+)$/.exec(token)?.[1]?.toLowerCase();
  if (letters === undefined || FUNCTION_WORDS.has(letters)) return 0;
  if (!token.startsWith(" ") || letters.length < 3) return null;
  const entry = lookUp({ lexicon, word: letters });
  if (entry === undefined) return 0;
  if (letters.length <= SHORT_WORD && entry.uses < RARE_USES) return null;
  return scoreOf(entry);
}

/** A topic is a noun by its making, so the share of noun use is not asked; "motor neuron" is judged by its last word. */
function scoreTopic({ topic, lexicon }: { topic: string; lexicon: Lexicon }): number | null {
  const head = topic.toLowerCase().split(/\s+/).at(-1) ?? "";
  return lookUp({ lexicon, word: head })?.physical ?? null;
}

/** Words of a label in prose ("references to medieval castles"), for labels that come without tokens. */
function wordsOf(label: string): string[] {
  const words = label.match(/[A-Za-z]+/g) ?? [];
  return words.filter((word) => !FUNCTION_WORDS.has(word.toLowerCase())).map((word) => ` ${word}`);
}

/** Score of a whole word, and how much it says: WordNet may not know a verb, an adjective, or a word of another language. */
function scoreWord({ word, lexicon }: { word: string; lexicon: Lexicon }): { score: number; weight: number } {
  const letters = word.toLowerCase();
  if (FUNCTION_WORDS.has(letters)) return { score: 0, weight: FUNCTION_WEIGHT };
  if (!/^\p{L}{3,}$/u.test(letters)) return { score: 0, weight: 1 };
  const entry = lookUp({ lexicon, word: letters });
  if (entry !== undefined) return { score: scoreOf(entry), weight: 1 };
  const stem = letters.replace(DERIVED_ENDINGS, "");
  const base =
    stem === letters || stem.length < 3
      ? undefined
      : (lookUp({ lexicon, word: stem }) ?? lookUp({ lexicon, word: `${stem}e` }));
  if (base === undefined) return { score: 0, weight: UNKNOWN_WEIGHT };
  return { score: DERIVED * Math.min(100, (100 * base.physical) / PHYSICAL_SHARE), weight: 1 };
}

/** By the whole words on which the latent fires, weighed by their shares, and a little by the words around them. */
function rateByWords({
  label: { topWords: words = [], about = [], coherence },
  lexicon,
}: {
  label: Label;
  lexicon: Lexicon;
}): Omit<Concreteness, "source"> {
  let covered = 0;
  let weights = 0;
  let score = 0;
  for (const { word, share } of words) {
    const found = scoreWord({ word, lexicon });
    covered += share;
    weights += share * found.weight;
    score += share * found.weight * found.score;
  }
  const tokens = weights === 0 ? null : score / weights;
  const topics = mean(about.map((topic) => scoreTopic({ topic, lexicon })).filter((each) => each !== null));
  const clear = words.some(({ share }) => share >= CLEAR_SHARE) || (coherence ?? 0) >= MIN_COHERENCE;
  const trust = Math.min(1, covered / ENOUGH_SHARE) * (clear ? 1 : MIXED);
  const trusted = (tokens ?? 0) * trust;
  const rating = topics === null ? trusted : TOKEN_WEIGHT * trusted + (1 - TOKEN_WEIGHT) * topics;
  return { rating, evidence: { tokens, topics, wholeWords: words.length, fragments: 0 } };
}

/** The label of a latent that fires on a part of words, whatever they mean: `"-en-" in jenah, jenkins`. */
const PART_OF_WORDS = /^"[^"]+" in /;

/** Judges one label. Deterministic; throws nothing. */
export function rateConcreteness({ label, lexicon }: { label: Label; lexicon: Lexicon }): Concreteness {
  if (label.topWords !== undefined) {
    const rated = rateByWords({ label, lexicon });
    const byWords = PART_OF_WORDS.test(label.label) ? { ...rated, rating: 0 } : rated;
    return label.concreteness === null
      ? { ...byWords, source: "wordnet" }
      : { ...byWords, rating: label.concreteness, source: "rating" };
  }
  const fromTokens = label.topTokens.length > 0;
  const scores = (fromTokens ? label.topTokens : wordsOf(label.label)).map((token) =>
    scoreToken({ token, lexicon }),
  );
  const whole = scores.filter((score) => score !== null);
  const topics = mean(
    label.topTopics.map((topic) => scoreTopic({ topic, lexicon })).filter((score) => score !== null),
  );
  const evidence: ConcretenessEvidence = {
    tokens: mean(whole),
    topics,
    wholeWords: whole.length,
    fragments: scores.length - whole.length,
  };
  if (label.concreteness !== null) return { rating: label.concreteness, evidence, source: "rating" };
  const trust = fromTokens ? Math.min(1, whole.length / ENOUGH_WORDS) : 1;
  const tokens = (evidence.tokens ?? 0) * trust;
  const rating = topics === null ? tokens : TOKEN_WEIGHT * tokens + (1 - TOKEN_WEIGHT) * topics;
  return { rating, evidence, source: "wordnet" };
}
