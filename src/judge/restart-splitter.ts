/** Splits a response into attempts where it explicitly starts over (METHOD.md 6.1), by rules alone. */
import { COURTESY } from "./interjections.ts";
import { type MaskedText, maskText } from "./masked-text.ts";
import { GRAMMAR_VERSION } from "./restart-grammar.ts";
import { LEAST_WORDS_BETWEEN, type Marker, matchClause, matchSentence } from "./restart-sentence.ts";
import { countWords, type Sentence, sentencesOf } from "./sentences.ts";
import { mendTypos } from "./typos.ts";

export const SPLITTER_VERSION = `restart-splitter/${GRAMMAR_VERSION}`;

/** One attempt: the half-open span `[start, end)`, restart wording included. */
export interface SplitAttempt {
  start: number;
  end: number;
  /** Where the attempt's content begins: after its restart wording. */
  contentStart: number;
  /** The restart wording, exactly as it stands at `start`; null for the first attempt (see `SplitOptions.legacy`). */
  restartPhrase: string | null;
}

export interface SplitResponse {
  /** In order; empty for a response without content. */
  attempts: SplitAttempt[];
  /** Where the response announces another attempt and ends; that is no attempt. */
  trailingRestart: number | null;
}

/** A sentence's rest of up to this many words belongs to its restart wording ("... your question about fractions."). */
const MOST_WORDS_OF_REST = 6;

export interface SplitOptions {
  /**
   * METHOD.md 6.1, rule 3: restart wording at the very start of a response belongs to no attempt, because it may answer an earlier turn.
   * Without it, the first attempt carries that wording as its restart phrase; the number of attempts is the same.
   * @default true
   */
  legacy?: boolean;
}

/** Offsets are UTF-16 units of `response`. A new attempt begins where the restart wording begins. */
export function splitRestarts(response: string, { legacy = true }: SplitOptions = {}): SplitResponse {
  const mended = mendTypos(response);
  const masked = maskText(mended.text);
  const lower = masked.text.toLowerCase();
  // a letter whose lower case is longer would move every offset after it
  const text = lower.length === masked.text.length ? lower : asciiLower(masked.text);
  const sentences = sentencesOf(text);
  const markers = mergeMarkers({ text, markers: findMarkers({ sentences, masked, text }) });
  const start = mended.text.search(/\S/);
  if (start < 0) return { attempts: [], trailingRestart: null };

  const leading =
    markers[0] !== undefined && !hasContent(text.slice(0, markers[0].start)) ? markers[0] : null;
  const boundaries = leading === null ? markers : markers.slice(1);
  const last = boundaries.at(-1);
  const trailing = last !== undefined && countWords(text.slice(last.end)) === 0 ? last : null;
  const inner = trailing === null ? boundaries : boundaries.slice(0, -1);
  const limit = trailing?.start ?? mended.text.length;
  const at = (offset: number) => mended.origins[offset] ?? response.length;

  const starts = [
    { start, end: leading?.end ?? start, phrase: leading !== null && !legacy },
    ...inner.map((m) => ({ ...m, phrase: true })),
  ];
  const attempts = starts.map((from, i): SplitAttempt => {
    const begin = at(from.start);
    const end = trimmedEnd(response, at(starts[i + 1]?.start ?? limit));
    const wording = at(from.end);
    return {
      start: begin,
      end,
      contentStart: Math.min(skipSpace(response, wording), end),
      restartPhrase: from.phrase ? response.slice(begin, wording).trimEnd() : null,
    };
  });
  return {
    attempts: attempts.filter(({ start: from, end }) => end > from),
    trailingRestart: trailing === null ? null : at(trailing.start),
  };
}

interface FindOptions {
  sentences: readonly Sentence[];
  masked: MaskedText;
  text: string;
}

function findMarkers({ sentences, masked, text }: FindOptions): Marker[] {
  const markers: Marker[] = [];
  /** Start of the alerts and weak sentences that stand directly before. */
  let pending: number | null = null;
  let alerted = false;
  /** The restart wording that ends where the sentence before ends. */
  let previous: Marker | null = null;
  sentences.forEach((sentence, i) => {
    const afterQuestion = sentences[i - 1]?.text.endsWith("?") ?? false;
    const inLetter = masked.openLetter !== null && sentence.start >= masked.openLetter;
    const found = matchSentence({ sentence, original: masked.text, alerted, afterQuestion, inLetter });
    const first = found.restarts[0];
    const weak =
      found.weak === null ? null : { ...found.weak, end: restEnd({ text, sentence, end: found.weak.end }) };
    if (first === undefined && weak !== null && previous !== null && weak.start === sentence.start) {
      previous.end = weak.end;
      if (weak.end < sentence.end) previous = null;
    } else if (first === undefined && weak !== null && weak.end >= sentence.end) {
      pending = weak.start === sentence.start ? (pending ?? weak.start) : weak.start;
      alerted ||= found.alert;
    } else if (first === undefined) {
      pending = null;
      alerted = false;
      previous = null;
    } else {
      if (first.start === sentence.start) first.start = pending ?? first.start;
      for (const restart of found.restarts) restart.end = restEnd({ text, sentence, end: restart.end });
      markers.push(...found.restarts);
      const last = found.restarts.at(-1);
      previous = last?.end === sentence.end ? last : null;
      pending = null;
      alerted = found.alert;
    }
  });
  return markers;
}

/** Takes a short rest of the sentence into the restart wording, or the punctuation after it. */
function restEnd({ text, sentence, end }: { text: string; sentence: Sentence; end: number }): number {
  const after = text.slice(end, sentence.end);
  const announces = /^\s*[:—–]/.test(after);
  if (!announces && countWords(after) <= MOST_WORDS_OF_REST) return sentence.end;
  return end + (/^[\s,.!?;:…—–-]*/.exec(after)?.[0].length ?? 0);
}

/** Joins restarts that have nothing, or next to nothing, between them. */
function mergeMarkers({ text, markers }: { text: string; markers: readonly Marker[] }): Marker[] {
  const merged: Marker[] = [];
  for (const marker of markers) {
    const previous = merged.at(-1);
    if (previous !== undefined && countWords(text.slice(previous.end, marker.start)) < LEAST_WORDS_BETWEEN) {
      previous.end = marker.end;
    } else {
      merged.push({ ...marker });
    }
  }
  return merged;
}

/** False for nothing, greetings and interjections. */
function hasContent(text: string): boolean {
  return sentencesOf(text).some((sentence) => {
    if (countWords(sentence.text) === 0 || COURTESY.test(sentence.text)) return false;
    return (
      matchClause({
        text: sentence.text,
        at: 0,
        comma: false,
        guessed: false,
        alerted: false,
        inLetter: false,
        afterQuestion: false,
      }).kind === "none"
    );
  });
}

function trimmedEnd(text: string, end: number): number {
  return text.slice(0, end).trimEnd().length;
}

function skipSpace(text: string, from: number): number {
  return from + (text.slice(from).length - text.slice(from).trimStart().length);
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
