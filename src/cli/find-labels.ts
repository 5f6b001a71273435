/** Searching latents by what they stand for. */
import type { Label } from "../sae/labels.ts";

export interface FindLabelsOptions {
  labels: readonly Label[];
  /** One or more words; every one must be found. An empty query finds all. */
  query: string;
}

/**
 * Labels that match, best first: whole words of the label before parts of words, then words that the latent fires on by their share, then
 * words around them, the tokens that it fires on, and those that it promotes; among equals a hit further to the front, then the latent that fires more often (rare ones are hardly trained). Dead latents are left out.
 */
export function findLabels({ labels, query }: FindLabelsOptions): Label[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return labels
    .filter(({ frequency }) => frequency > 0)
    .map((label) => ({ label, score: words.reduce((sum, word) => sum + scoreOf(label, word), 0) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score || b.label.frequency - a.label.frequency)
    .map(({ label }) => label);
}

const WHOLE_WORD = 6;
const PART = 5;
const FIRES_ON = 3;
const AROUND = 2;
const TOKEN = 1;
const PROMOTED = 0;

/** Negative infinity where the word is found nowhere. */
function scoreOf(
  { label, topWords = [], about = [], topTokens, promoted = [] }: Label,
  word: string,
): number {
  const words = label
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const whole = words.indexOf(word);
  if (whole >= 0) return WHOLE_WORD - front(whole, words.length);
  const part = words.findIndex((each) => each.includes(word) || (each.length > 2 && word.startsWith(each)));
  if (part >= 0) return PART - front(part, words.length);
  const fired = topWords.find((each) => each.word.toLowerCase().includes(word));
  if (fired !== undefined) return FIRES_ON + fired.share;
  for (const [texts, score] of [
    [about, AROUND],
    [topTokens, TOKEN],
    [promoted, PROMOTED],
  ] as const) {
    const at = texts.findIndex((each) => each.toLowerCase().includes(word));
    if (at >= 0) return score - front(at, texts.length);
  }
  return Number.NEGATIVE_INFINITY;
}

/** 0 for the first place, towards 0.5 for the last. */
function front(at: number, count: number): number {
  return at / (2 * count);
}
