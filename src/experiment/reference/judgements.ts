/**
 * What the reference's judge said, as two judges of ours: `reference/1` holds only attempts that are in the response (DESIGN.md, invariant 8);
 * `reference-raw/1` holds every attempt, so that the reference's own counts come out, and marks each whose span is a guess.
 */

import type { AttemptRecord, JudgementRecord } from "../../store/records.ts";
import { RAW_JUDGE, STRICT_JUDGE } from "../../store/reference/manifest-of.ts";
import type { Said, SaidAttempt } from "../../store/reference/read-score.ts";
import { type PlacedAttempt, placeAttempts } from "./place-attempts.ts";

export type Verdict = Pick<JudgementRecord, "judge" | "status" | "attempts" | "detail">;

export interface ReferenceJudgements {
  strict: Verdict;
  raw: Verdict;
  /** What became of each attempt. */
  attempts: AttemptCounts;
}

export interface AttemptCounts {
  given: number;
  /** Word for word, but for case, quotes, markup and spacing. */
  located: number;
  /** With a few changed characters, or by their first words only. */
  approximate: number;
  absent: number;
  /** Scores that were no number from 0 to 100; they count as none. */
  flawedScores: number;
}

export interface JudgementsOptions {
  response: string;
  said: Exclude<Said, { kind: "errored" | "unjudged" }>;
}

export function referenceJudgements({ response, said }: JudgementsOptions): ReferenceJudgements {
  const none: AttemptCounts = { given: 0, located: 0, approximate: 0, absent: 0, flawedScores: 0 };
  const reply = said.raw === null ? {} : { rawResponse: said.raw };
  if (said.kind === "failure" || said.attempts.length === 0) {
    const status = said.kind === "failure" ? said.status : "no-attempt";
    const detail = said.kind === "failure" ? { reason: said.reason } : {};
    return {
      strict: { judge: STRICT_JUDGE, status, attempts: [], detail },
      raw: { judge: RAW_JUDGE, status, attempts: [], detail: { ...detail, ...reply } },
      attempts: none,
    };
  }
  const placed = placeAttempts({ response, texts: said.attempts.map(({ text }) => text) });
  const located = placed.filter((place) => place !== null);
  const exact = located.filter(({ how }) => how === "exact" || how === "normalised").length;
  const attempts: AttemptCounts = {
    given: placed.length,
    located: exact,
    approximate: located.length - exact,
    absent: placed.length - located.length,
    flawedScores: said.flawedScores,
  };
  return {
    strict: strictOf({ said: said.attempts, placed, attempts }),
    raw: rawOf({ response, said: said.attempts, placed, reply }),
    attempts,
  };
}

interface VerdictOptions {
  said: readonly SaidAttempt[];
  placed: readonly (PlacedAttempt | null)[];
  attempts: AttemptCounts;
}

/** As for our own language-model judges: what is not in the response is rejected, and with the first attempt the whole judgement. */
function strictOf({ said, placed, attempts: { approximate, absent } }: VerdictOptions): Verdict {
  const detail = {
    boundaries: "found in the response",
    approximateAttempts: approximate,
    rejectedAttempts: absent,
  };
  const first = said.findIndex(({ score }) => score !== null);
  if (placed[first] === null || placed[first] === undefined) {
    const reason = "The first scored attempt is not in the response.";
    return { judge: STRICT_JUDGE, status: "unparsable", attempts: [], detail: { ...detail, reason } };
  }
  const attempts = placed.flatMap((place, i) =>
    place === null ? [] : [attemptOf({ ...place, score: said[i]?.score ?? null, components: {} })],
  );
  return { judge: STRICT_JUDGE, status: "scored", attempts, detail };
}

function rawOf({
  response,
  said,
  placed,
  reply,
}: Omit<VerdictOptions, "attempts"> & { response: string; reply: { rawResponse?: string } }): Verdict {
  const spans = guessedSpans({ length: response.length, placed });
  if (spans === null) {
    const reason = `A response of ${response.length} characters can't hold ${said.length} attempts.`;
    return { judge: RAW_JUDGE, status: "failed", attempts: [], detail: { ...reply, reason } };
  }
  const attempts = spans.map(({ guessed, ...span }, i) =>
    attemptOf({ ...span, score: said[i]?.score ?? null, components: { located: guessed ? 0 : 1 } }),
  );
  // what the judge wrote of them, for people and for the export: the span's own text is something else
  const absentTexts = Object.fromEntries(
    spans.flatMap(({ guessed }, i) => (guessed ? [[String(i), said[i]?.text ?? null]] : [])),
  );
  const guessedAttempts = Object.keys(absentTexts).length;
  const detail = {
    boundaries: guessedAttempts === 0 ? "found in the response" : "partly guessed",
    guessedAttempts,
    ...(guessedAttempts === 0 ? {} : { absentTexts }),
  };
  return { judge: RAW_JUDGE, status: "scored", attempts, detail: { ...reply, ...detail } };
}

function attemptOf({ start, end, score, components }: Omit<AttemptRecord, "restartPhrase">): AttemptRecord {
  // the reference's judge names no restart wording
  return { start, end, restartPhrase: null, score, components };
}

interface Span {
  start: number;
  end: number;
  guessed: boolean;
}

/**
 * A span for every attempt: its own where it was found. The others share evenly what lies between their neighbours; where that is too small,
 * all share the whole response. null where even that is too short.
 */
function guessedSpans({
  length,
  placed,
}: {
  length: number;
  placed: readonly (PlacedAttempt | null)[];
}): Span[] | null {
  const spans: Span[] = [];
  for (const [index, place] of placed.entries()) {
    const start = spans.at(-1)?.end ?? 0;
    if (place !== null) {
      spans.push({ start: place.start, end: place.end, guessed: false });
      continue;
    }
    const next = placed.findIndex((each, i) => i > index && each !== null);
    const limit = placed[next]?.start ?? length;
    const sharing = (next === -1 ? placed.length : next) - index;
    if (limit - start < sharing) return evenSpans({ length, count: placed.length });
    spans.push({ start, end: start + Math.floor((limit - start) / sharing), guessed: true });
  }
  return spans;
}

function evenSpans({ length, count }: { length: number; count: number }): Span[] | null {
  if (length < count) return null;
  const border = (index: number) => Math.floor((index * length) / count);
  return Array.from({ length: count }, (_, index) => ({
    start: border(index),
    end: border(index + 1),
    guessed: true,
  }));
}
