/** A text cut into the runs that look alike: by attempts, by the colours of tokens, by what a search found, and around odd characters. */

import { oddCharacters } from "../../../../src/report/odd-characters.ts";
import type { Span } from "./find-words.ts";

export interface MarkedAttempt extends Span {
  restartPhrase: string | null;
}

export interface Piece extends Span {
  /** What to show: the text itself, except of an odd character. */
  shown: string;
  isOdd: boolean;
  tone: number;
  isRestart: boolean;
  isMatch: boolean;
  /** Put into the model's mouth, not written by it. */
  isGiven: boolean;
}

export interface Block extends Span {
  /** Place in the list of attempts; null between attempts. */
  attempt: number | null;
  pieces: Piece[];
}

export interface TextPiecesOptions {
  text: string;
  /** UTF-16 offset at which each token begins, ascending, `[tokens]`. */
  offsets?: readonly number[];
  /** Of each token, `[tokens]`; tokens without one have 0. */
  tones?: readonly number[];
  attempts?: readonly MarkedAttempt[];
  /** Ascending, without overlap. */
  matches?: readonly Span[];
  /** UTF-16 offset up to which the text was given. @default 0 */
  given?: number;
}

/**
 * Blocks that together are the text; neighbouring tokens of one tone are one piece. An attempt that overlaps its forerunner begins where that ends.
 * A boundary between the halves of a surrogate pair moves before the pair.
 */
export function textPieces(options: TextPiecesOptions): Block[] {
  const { text, offsets = [], tones = [], attempts = [], matches = [], given = 0 } = options;
  const whole = (at: number) => wholeBoundary(text, at);
  const spans = apart(attempts.map(({ start, end }) => ({ start: whole(start), end: whole(end) })));
  const restarts = attempts.flatMap(({ restartPhrase }, i) => restartIn(text, spans[i], restartPhrase));
  const found = matches.map(({ start, end }) => ({ start: whole(start), end: whole(end) }));
  const odd = oddCharacters(text);
  const changes = toneChanges({ offsets: offsets.map(whole), tones });
  const givenEnd = whole(given);

  const cuts = new Set([0, text.length, givenEnd, ...changes.map(({ at }) => at)]);
  for (const { start, end } of [...spans, ...restarts, ...found, ...odd]) cuts.add(start).add(end);
  const boundaries = [...cuts].sort((a, b) => a - b);

  const toneAt = walker(changes.map(({ at, tone }) => ({ start: at, end: text.length, tone })));
  const attemptAt = walker(spans.map((span, index) => ({ ...span, index })));
  const [restartAt, matchAt, oddAt] = [walker(restarts), walker(found), walker(odd)];
  const blocks: Block[] = [];
  for (const [i, start] of boundaries.entries()) {
    const end = boundaries[i + 1];
    if (end === undefined) break;
    const oddHere = oddAt(start);
    const piece: Piece = {
      start,
      end,
      shown: oddHere?.shown ?? text.slice(start, end),
      isOdd: oddHere !== undefined,
      tone: toneAt(start)?.tone ?? 0,
      isRestart: restartAt(start) !== undefined,
      isMatch: matchAt(start) !== undefined,
      isGiven: start < givenEnd,
    };
    const attempt = attemptAt(start)?.index ?? null;
    const last = blocks.at(-1);
    if (last !== undefined && last.attempt === attempt) {
      last.pieces.push(piece);
      last.end = end;
    } else {
      blocks.push({ start, end, attempt, pieces: [piece] });
    }
  }
  return blocks;
}

/** Looks up the last span that begins at or before a place and reaches beyond it; places must be asked for in ascending order. */
function walker<S extends Span>(spans: readonly S[]): (at: number) => S | undefined {
  let next = 0;
  return (at) => {
    while ((spans[next]?.start ?? Number.POSITIVE_INFINITY) <= at) next += 1;
    const span = spans[next - 1];
    return span !== undefined && at < span.end ? span : undefined;
  };
}

function apart(spans: readonly Span[]): Span[] {
  let at = 0;
  return spans.map((span) => {
    const start = Math.max(at, span.start);
    const end = Math.max(start, span.end);
    at = end;
    return { start, end };
  });
}

function restartIn(text: string, span: Span | undefined, phrase: string | null): Span[] {
  if (span === undefined || phrase === null || phrase === "") return [];
  const start = text.indexOf(phrase, span.start);
  const end = start + phrase.length;
  return start < 0 || end > span.end ? [] : [{ start, end }];
}

/** Where the tone changes. Of several tokens that begin at one place all but the last are empty. */
function toneChanges({ offsets, tones }: { offsets: readonly number[]; tones: readonly number[] }) {
  const changes: { at: number; tone: number }[] = [];
  for (const [token, at] of offsets.entries()) {
    if (offsets[token + 1] === at) continue;
    const tone = tones[token] ?? 0;
    if ((changes.at(-1)?.tone ?? 0) !== tone) changes.push({ at, tone });
  }
  return changes;
}

function wholeBoundary(text: string, at: number): number {
  const bounded = Math.max(0, Math.min(at, text.length));
  const splits = isBetween(text.charCodeAt(bounded - 1), 0xd800, 0xdbff);
  return splits && isBetween(text.charCodeAt(bounded), 0xdc00, 0xdfff) ? bounded - 1 : bounded;
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
