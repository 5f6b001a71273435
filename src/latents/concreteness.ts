/**
 * How concrete a latent is (METHOD.md 4, step 3): 0 abstract or general, 100 a physical thing or a named place.
 * A rating that came with the label is used as it is. Without one, words are judged by WordNet, so that selection needs no judge.
 */
import type { Label } from "../sae/labels.ts";
import { FUNCTION_WORDS } from "./function-words.ts";
import { type Lexicon, type LexiconEntry, lookUp } from "./lexicon.ts";

/** Latents rated at least this are concrete (METHOD.md 4, step 3). */
export const MIN_CONCRETENESS = 65;

export interface ConcretenessEvidence {
  /** Mean score of the whole words among the top tokens, 0-100; null without any. */
  tokens: number | null;
  /** Mean score of the top topics that WordNet knows, 0-100; null without any. */
  topics: number | null;
  /** Top tokens that are whole words, and those that are parts of words and prove nothing. */
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

/** Judges one label. Deterministic; throws nothing. */
export function rateConcreteness({ label, lexicon }: { label: Label; lexicon: Lexicon }): Concreteness {
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
