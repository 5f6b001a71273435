/** Splits a response into attempts where it explicitly starts over (METHOD.md 6.1), by rules alone. */
import { COURTESY } from "./interjections.ts";
import { type MaskedText, maskText } from "./masked-text.ts";
import { GRAMMAR_VERSION } from "./restart-grammar.ts";
import { LEAST_WORDS_BETWEEN, type Marker, matchClause, matchSentence } from "./restart-sentence.ts";
import { countWords, type Sentence, sentencesOf } from "./sentences.ts";

export const SPLITTER_VERSION = `restart-splitter/${GRAMMAR_VERSION}`;

/** One attempt: the half-open span `[start, end)`, restart wording included. */
export interface SplitAttempt {
  start: number;
  end: number;
  /** Where the attempt's content begins: after its restart wording. */
  contentStart: number;
  /** The restart wording, exactly as it stands at `start`; null for the first attempt. */
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

/** Offsets are UTF-16 units of `response`. A new attempt begins where the restart wording begins. */
export function splitRestarts(response: string): SplitResponse {
  const masked = maskText(response);
  const lower = masked.text.toLowerCase();
  // a letter whose lower case is longer would move every offset after it
  const text = lower.length === masked.text.length ? lower : asciiLower(masked.text);
  const sentences = sentencesOf(text);
  const markers = mergeMarkers({ text, markers: findMarkers({ sentences, masked, text }) });
  const start = response.search(/\S/);
  if (start < 0) return { attempts: [], trailingRestart: null };

  const leading =
    markers[0] !== undefined && !hasContent(text.slice(0, markers[0].start)) ? markers[0] : null;
  const boundaries = leading === null ? markers : markers.slice(1);
  const last = boundaries.at(-1);
  const trailing = last !== undefined && countWords(text.slice(last.end)) === 0 ? last : null;
  const inner = trailing === null ? boundaries : boundaries.slice(0, -1);
  const limit = trailing?.start ?? response.length;

  const starts = [
    { start, end: leading?.end ?? start, phrase: false },
    ...inner.map((m) => ({ ...m, phrase: true })),
  ];
  const attempts = starts.map((from, i): SplitAttempt => {
    const end = trimmedEnd(response, starts[i + 1]?.start ?? limit);
    return {
      start: from.start,
      end,
      contentStart: Math.min(skipSpace(response, from.end), end),
      restartPhrase: from.phrase ? response.slice(from.start, from.end).trimEnd() : null,
    };
  });
  return {
    attempts: attempts.filter(({ start: from, end }) => end > from),
    trailingRestart: trailing?.start ?? null,
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
    if (first === undefined && !found.weak) {
      pending = null;
      alerted = false;
      previous = null;
    } else if (first === undefined && previous !== null) {
      previous.end = sentence.end;
    } else if (first === undefined) {
      pending ??= sentence.start;
      alerted ||= found.alert;
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
      matchClause({ text: sentence.text, at: 0, alerted: false, inLetter: false, afterQuestion: false })
        .kind === "none"
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
