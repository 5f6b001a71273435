/**
 * Names what a latent stands for without a language model: from the words on which it fires, weighed by how strongly it fires and by how
 * rare they are in the corpus; then from what surrounds those words, if they differ or mean little.
 */

import { CLEAR_SHARE, COHERENT_WORDS, coherenceOf, MIN_COHERENCE } from "./coherence.ts";
import { FUNCTION_WORDS } from "./function-words.ts";
import { inflectionKey } from "./inflection.ts";
import { type Peak, peakOf, wordsOf } from "./peak-word.ts";
import { isControlText, type TextContext } from "./text-context.ts";
import type { WordCounts } from "./word-counts.ts";
import type { WordVectors } from "./word-vectors.ts";

export interface OfflineLabelOptions {
  /** Strongest contexts, and a sample of the others. */
  top: readonly TextContext[];
  sample: readonly TextContext[];
  /** Texts of the most promoted tokens; empty where unknown. */
  promoted: readonly string[];
  words: WordCounts;
  /** Null where the model's unembedding can't be read. @default null */
  vectors?: WordVectors | null;
}

export interface WeighedWord {
  /** The most common spelling. */
  word: string;
  /** Share of the latent's firing, 0-1. */
  share: number;
}

export interface OfflineLabel {
  label: string;
  /** Words (or signs) on which it fires, the largest share first. */
  words: WeighedWord[];
  /** Words that are unusually common around them. */
  about: string[];
  /** How alike the words are to the model, -1 to 1: a mean cosine; null where too few of them are tokens. */
  coherence: number | null;
}

/** Weight of the strongest contexts against the sample of the others. */
const TOP_WEIGHT = 0.65;
/** A word must occur so many times more often than in the corpus to say anything. */
const MIN_LIFT = 4;
/** Above this a word is no more telling: it is rare, and perhaps a slip. */
const MAX_LIFT = 200;
/** Longer words are run-together text. */
const MAX_LETTERS = 18;
const MAX_WORDS = 4;
const MAX_ABOUT = 3;
/** Shares of the firing that make a kind, a few words or a neighbour the latent's own, and a part of words. */
const MOST = 0.6;
const HALF = 0.45;
const THIRD = 0.35;
/** Tokens behind the peak among which the next word is looked for. */
const NEAR = 4;

const SIGN_NAMES: Readonly<Record<string, string>> = {
  ".": "full stop",
  ",": "comma",
  ":": "colon",
  ";": "semicolon",
  "?": "question mark",
  "!": "exclamation mark",
  "-": "hyphen",
  "–": "dash",
  "—": "dash",
  "(": "opening bracket",
  ")": "closing bracket",
  '"': "quotation mark",
  "'": "apostrophe",
  "...": "ellipsis",
  "*": "asterisk",
  "/": "slash",
};

interface Seen {
  context: TextContext;
  peak: Peak;
  weight: number;
}

/** Deterministic; "dead" for a latent without contexts. */
export function offlineLabel({
  top,
  sample,
  promoted,
  words,
  vectors = null,
}: OfflineLabelOptions): OfflineLabel {
  const seen = weighed({ top, sample });
  if (seen.length === 0) return { label: "dead", words: [], about: [], coherence: null };
  const start = startPart(seen);
  // at a position any word stands by chance
  if (start !== null) return { label: start, words: [], about: [], coherence: null };
  const fires = distinctive({ seen, words });
  const coherence = vectors === null ? null : coherenceOf({ words: fires.slice(0, COHERENT_WORDS), vectors });
  const about = aboutWords({ seen, words, fires });
  const main =
    signPart(seen) ?? wordPart(fires) ?? fragmentPart(seen) ?? listPart({ seen, fires, coherence });
  const label = [main.text, ...qualifiers({ seen, main, about, fires, promoted })].join("; ");
  return { label, words: fires.map(({ word, share }) => ({ word, share })), about, coherence };
}

function weighed({ top, sample }: Pick<OfflineLabelOptions, "top" | "sample">): Seen[] {
  const parts = [
    { contexts: top, weight: sample.length === 0 ? 1 : TOP_WEIGHT },
    { contexts: sample, weight: top.length === 0 ? 1 : 1 - TOP_WEIGHT },
  ];
  return parts.flatMap(({ contexts, weight }) => {
    const sum = contexts.reduce((total, { value }) => total + value, 0);
    return contexts.map((context) => ({
      context,
      peak: peakOf(context),
      weight: sum === 0 ? 0 : (weight * context.value) / sum,
    }));
  });
}

interface Fired extends WeighedWord {
  key: string;
  /** Contexts that have it. */
  count: number;
  lift: number;
}

/** Words and signs on which the latent fires more often than they occur; the most telling first. */
function distinctive({ seen, words }: { seen: Seen[]; words: WordCounts }): Fired[] {
  const groups = new Map<string, { share: number; count: number; spellings: Map<string, number> }>();
  for (const { context, peak, weight } of seen) {
    if (inTemplate(context) || peak.text === "" || peak.text.length > MAX_LETTERS) continue;
    const key = peak.kind === "word" ? inflectionKey(peak.text) : peak.text;
    const group = groups.get(key) ?? { share: 0, count: 0, spellings: new Map() };
    group.share += weight;
    group.count += 1;
    group.spellings.set(peak.text, (group.spellings.get(peak.text) ?? 0) + weight);
    groups.set(key, group);
  }
  return [...groups]
    .map(([key, { share, count, spellings }]) => {
      const lift = share / words.share(key);
      return { key, word: heaviest(spellings), share, count, lift };
    })
    .filter(({ lift }) => lift >= MIN_LIFT)
    .sort((a, b) => weightOf(b) - weightOf(a) || (a.key < b.key ? -1 : 1));
}

function weightOf({ share, lift }: Pick<Fired, "share" | "lift">): number {
  return share * Math.log(Math.min(lift, MAX_LIFT));
}

function heaviest(shares: ReadonlyMap<string, number>): string {
  const none: [string, number] = ["", 0];
  return [...shares].reduce((best, next) => (next[1] > best[1] ? next : best), none)[0];
}

interface MainPart {
  text: string;
  /** Whether it says by itself what the latent stands for. */
  telling: boolean;
}

/** Firing on the chat template, at the start of a turn or at the start of a text, whatever stands there. */
function startPart(seen: Seen[]): string | null {
  const template = seen.filter(({ context }) => inTemplate(context));
  if (total(template) >= MOST) {
    const [first] = sharesOf(template, ({ peak }) => (peak.kind === "newline" ? "end of a line" : peak.text));
    return `chat template: ${first?.[0] ?? ""}`;
  }
  const early = seen.filter(({ context }) => sinceControl(context) <= ANSWER_START);
  if (total(early) >= MOST) return "first words of a turn";
  const first = seen.filter(({ context }) => context.position <= 2);
  return total(first) >= MOST ? "first word of a text" : null;
}

/** Role and line break follow the control token, then the answer's first two tokens. */
const ANSWER_START = 4;

/** Tokens since the last control token, 0 on one. */
function sinceControl({ tokens, peak }: TextContext): number {
  const at = tokens.findLastIndex((text, i) => i <= peak && isControlText(text));
  return at < 0 ? Number.POSITIVE_INFINITY : peak - at;
}

/** On a control token, on a role, or on the line break behind either. */
function inTemplate({ tokens, peak }: TextContext): boolean {
  const at = tokens.findLastIndex((text, i) => i <= peak && isControlText(text));
  if (at < 0) return false;
  if (at === peak) return true;
  const between = tokens.slice(at + 1, peak).join("");
  return !between.includes("\n") && (between + (tokens[peak] ?? "")).trim().length <= "assistant".length;
}

function joined(seen: Seen[]): string {
  return [...new Set(seen.map(({ peak }) => peak.text))].slice(0, MAX_WORDS).join(" ");
}

function signPart(seen: Seen[]): MainPart | null {
  const kinds = (kind: Peak["kind"]) => seen.filter(({ peak }) => peak.kind === kind);
  if (total(kinds("newline")) >= MOST) return { text: "line break", telling: false };
  if (total(kinds("number")) >= MOST) {
    const numbers = [...new Set(kinds("number").map(({ peak }) => peak.text))];
    return { text: numbers.length <= 3 ? `number ${numbers.join(", ")}` : "numbers", telling: false };
  }
  if (total(kinds("punctuation")) < MOST) return null;
  const shares = sharesOf(kinds("punctuation"), ({ peak }) => peak.text);
  const signs = shares.slice(0, 2).filter(([, share]) => share >= 0.15);
  if (signs.length === 0) return { text: "punctuation", telling: false };
  return { text: signs.map(([sign]) => SIGN_NAMES[sign] ?? sign).join(" or "), telling: false };
}

/** A few words that make up most of the firing. */
function wordPart(fires: Fired[]): MainPart | null {
  const repeated = fires.filter(({ count }) => count >= 2);
  if (repeated.reduce((sum, { share }) => sum + share, 0) < HALF) return null;
  const [first] = repeated;
  const least = (first?.share ?? 0) / 8;
  const shown = repeated.filter(({ share }) => share >= least).slice(0, MAX_WORDS);
  return {
    text: shown.map(({ word }) => word).join(", "),
    telling: shown.some(({ key }) => !FUNCTION_WORDS.has(key)),
  };
}

/** The same token, as a word or as a part of different words. */
function fragmentPart(seen: Seen[]): MainPart | null {
  const words = seen.filter(({ peak }) => peak.kind === "word");
  const [first] = sharesOf(words, ({ peak }) => peak.token.toLowerCase());
  if (first === undefined || first[1] < THIRD) return null;
  const [token, share] = first;
  const same = words.filter(({ peak }) => peak.token.toLowerCase() === token);
  const parts = same.filter(({ peak }) => peak.before !== "" || peak.after !== "");
  if (total(parts) < share / 2) return { text: token, telling: !FUNCTION_WORDS.has(token) };
  const examples = [...new Set(parts.map(({ peak }) => peak.text.toLowerCase()))].slice(0, 3).join(", ");
  const shape = `${parts.some(({ peak }) => peak.before !== "") ? "-" : ""}${token}${parts.some(({ peak }) => peak.after !== "") ? "-" : ""}`;
  return { text: `"${shape}" in ${examples}`, telling: true };
}

/** Different words: the most telling of the strongest. */
function listPart({
  seen,
  fires,
  coherence,
}: {
  seen: Seen[];
  fires: Fired[];
  coherence: number | null;
}): MainPart {
  const shown = fires.slice(0, MAX_WORDS).map(({ word }) => word);
  if (shown.length === 0) return { text: `mixed: ${joined(seen)}`, telling: false };
  const clear =
    (coherence ?? 0) >= MIN_COHERENCE || fires.some(({ share, count }) => count >= 2 && share >= CLEAR_SHARE);
  return { text: `${clear ? "" : "mixed: "}${shown.join(", ")}`, telling: false };
}

function qualifiers({
  seen,
  main,
  about,
  fires,
  promoted,
}: {
  seen: Seen[];
  main: MainPart;
  about: string[];
  fires: Fired[];
  promoted: readonly string[];
}): string[] {
  const found: string[] = [];
  const named = new Set(fires.slice(0, MAX_WORDS).map(({ key }) => key));
  if (!main.telling) {
    const previous = neighbour({ seen, side: "before" });
    const next = neighbour({ seen, side: "after" });
    if (previous !== null) found.push(`after "${previous}"`);
    if (next !== null) found.push(`before "${next}"`);
    if (about.length > 0) found.push(`about ${about.join(", ")}`);
  }
  const pushed = promotedWord(promoted);
  if (pushed !== null && !named.has(inflectionKey(pushed))) found.push(`promotes "${pushed}"`);
  return found;
}

/** The word that stands beside the peak in most contexts, in the same turn of a chat. */
function neighbour({ seen, side }: { seen: Seen[]; side: "before" | "after" }): string | null {
  const [first] = sharesOf(seen, ({ context, peak }) => {
    const { tokens, start, end } = turnOf(context);
    const near =
      side === "before"
        ? wordsOf(tokens.slice(start, peak.start)).slice(-1)
        : wordsOf(["\n", ...tokens.slice(peak.end, Math.min(end, peak.end + NEAR))]).slice(0, 1);
    return near[0]?.toLowerCase() ?? "";
  }).filter(([word]) => word !== "");
  return first !== undefined && first[1] >= HALF ? first[0] : null;
}

/** One word that makes up at least four of the promoted tokens, in any spelling. */
function promotedWord(promoted: readonly string[]): string | null {
  const whole = promoted.map((text) => text.trim()).filter((text) => /^\p{L}{3,}$/u.test(text));
  const counts = new Map<string, string[]>();
  for (const word of whole) {
    const key = inflectionKey(word);
    counts.set(key, [...(counts.get(key) ?? []), word]);
  }
  const best = [...counts.values()].sort((a, b) => b.length - a.length)[0];
  return best !== undefined && best.length >= 4 ? (best[0] ?? null) : null;
}

/** Content words that stand in far more of the contexts than chance would put there. */
function aboutWords({ seen, words, fires }: { seen: Seen[]; words: WordCounts; fires: Fired[] }): string[] {
  const named = new Set(fires.slice(0, MAX_WORDS).map(({ key }) => key));
  const groups = new Map<
    string,
    { weight: number; count: number; chance: number; spellings: Map<string, number> }
  >();
  for (const { context, weight } of seen) {
    const { tokens, start, end } = turnOf(context);
    const around = wordsOf(tokens.slice(start, end));
    const keys = new Map<string, string>();
    for (const word of around) {
      const key = inflectionKey(word);
      if (key.length >= 3 && !FUNCTION_WORDS.has(key) && !FUNCTION_WORDS.has(word.toLowerCase()))
        keys.set(key, word.toLowerCase());
    }
    for (const [key, word] of keys) {
      const group = groups.get(key) ?? { weight: 0, count: 0, chance: 0, spellings: new Map() };
      group.weight += weight;
      group.count += 1;
      group.chance += around.length * words.share(key);
      group.spellings.set(word, (group.spellings.get(word) ?? 0) + 1);
      groups.set(key, group);
    }
  }
  return [...groups]
    .filter(([key, { count }]) => count >= 4 && !named.has(key))
    .map(([, { weight, count, chance, spellings }]) => {
      const expected = chance / count;
      return {
        word: heaviest(spellings),
        share: weight,
        score: weight * Math.log(weight / Math.max(expected, 0.005)),
      };
    })
    .filter(({ share, score }) => share >= 0.18 && score > 0.4)
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
    .slice(0, MAX_ABOUT)
    .map(({ word }) => word);
}

/** The part of the context that belongs to the same turn of a chat, without its role. */
function turnOf({ tokens, peak }: TextContext): { tokens: string[]; start: number; end: number } {
  const control = tokens.findLastIndex((text, i) => i <= peak && isControlText(text));
  const line = control < 0 ? -1 : tokens.findIndex((text, i) => i > control && text.includes("\n"));
  const next = tokens.findIndex((text, i) => i > peak && isControlText(text));
  return { tokens, start: Math.max(control, line) + 1, end: next < 0 ? tokens.length : next };
}

function total(seen: readonly Seen[]): number {
  return seen.reduce((sum, { weight }) => sum + weight, 0);
}

/** Weight of each value, the heaviest first. */
function sharesOf(seen: readonly Seen[], nameOf: (each: Seen) => string): [string, number][] {
  const shares = new Map<string, number>();
  for (const each of seen) {
    const name = nameOf(each);
    shares.set(name, (shares.get(name) ?? 0) + each.weight);
  }
  return [...shares].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
