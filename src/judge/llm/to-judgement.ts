/** Turns a model's reply into attempts of the response. What the response does not contain is rejected and counted (DESIGN.md, invariant 8). */
import type { Attempt, JudgementStatus } from "../judge.ts";
import { locateQuote, type QuoteSpan } from "./locate-quote.ts";
import type { JudgeReply, ReplyAttempt } from "./schema.ts";

export type ReplyRejection =
  /** The response does not say the attempt's first words. */
  | "text-absent"
  /** Not the first attempt, and without words of starting over (METHOD.md 6.1, rules 1 and 2). */
  | "no-restart"
  /** The response does not say the words of starting over there. */
  | "phrase-absent";

export interface ReadReply {
  status: Extract<JudgementStatus, "scored" | "no-attempt" | "unparsable">;
  attempts: Attempt[];
  /** Of each attempt. */
  feedback: string[];
  rejected: ReplyRejection[];
  assessment: string;
}

/** A phrase of starting over stands at most this far before the words that follow it, in characters. */
const FARTHEST_APART = 60;

interface Placed {
  start: number;
  contentStart: number;
  phrase: QuoteSpan | null;
  from: ReplyAttempt;
}

/**
 * An attempt reaches to the next one that was accepted. Where the first attempt of the reply is not in the response, "first" and "last" can't
 * be told, and the whole reply counts as unparsable.
 */
export function readReply({ response, reply }: { response: string; reply: JudgeReply }): ReadReply {
  const placed: Placed[] = [];
  const rejected: ReplyRejection[] = [];
  for (const [index, from] of reply.attempts.entries()) {
    const found =
      index === 0 ? placeFirst({ response, from }) : placeLater({ response, from, previous: placed.at(-1) });
    if (typeof found === "string") {
      rejected.push(found);
      if (index === 0) break;
      continue;
    }
    // words of starting over with nothing before them open the attempt that follows (METHOD.md 6.1, rule 3)
    const last = placed.at(-1);
    if (last !== undefined && !/[\p{L}\p{N}]/u.test(response.slice(last.contentStart, found.start)))
      placed.pop();
    placed.push(found);
  }
  const attempts = placed.map(
    ({ start, phrase, from }, index): Attempt => ({
      start,
      end: trimmedEnd(response, placed[index + 1]?.start ?? response.length),
      restartPhrase: index === 0 || phrase === null ? null : response.slice(phrase.start, phrase.end),
      score: from.score,
      components: {},
    }),
  );
  const status = attempts.length > 0 ? "scored" : reply.attempts.length === 0 ? "no-attempt" : "unparsable";
  return {
    status,
    attempts,
    feedback: placed.map(({ from }) => from.feedback),
    rejected,
    assessment: reply.assessment,
  };
}

interface PlaceOptions {
  response: string;
  from: ReplyAttempt;
}

function placeFirst({ response, from }: PlaceOptions): Placed | ReplyRejection {
  const [words] = locateQuote({ text: response, quote: from.first_words });
  if (words === undefined) return "text-absent";
  const [phrase] =
    from.restart_phrase === null ? [] : locateQuote({ text: response, quote: from.restart_phrase });
  const opens = phrase !== undefined && phrase.start <= words.start + FARTHEST_APART;
  const start = opens ? Math.min(phrase.start, words.start) : words.start;
  return { start, contentStart: opens ? phrase.end : start, phrase: null, from };
}

function placeLater({
  response,
  from,
  previous,
}: PlaceOptions & { previous: Placed | undefined }): Placed | ReplyRejection {
  const quote = from.restart_phrase ?? "";
  if (quote.trim() === "") return "no-restart";
  const { start = 0, contentStart = 0 } = previous ?? {};
  const after = Math.max(start + 1, contentStart);
  // the words that open the response may have been taken for an attempt of their own
  const places = previous?.phrase === null ? [after, start] : [after];
  let rejection: ReplyRejection = "text-absent";
  for (const earliest of places) {
    const words = locateQuote({ text: response, quote: from.first_words, from: earliest });
    if (words.length === 0) continue;
    rejection = "phrase-absent";
    const phrase = nearestPhrase(locateQuote({ text: response, quote, from: earliest }), words);
    if (phrase !== null) return { start: phrase.start, contentStart: phrase.end, phrase, from };
  }
  return rejection;
}

/** A looping response says the same words often: the phrase meant is the one that stands with the first words. */
function nearestPhrase(phrases: readonly QuoteSpan[], words: readonly QuoteSpan[]): QuoteSpan | null {
  let best: { phrase: QuoteSpan; apart: number } | null = null;
  for (const phrase of phrases) {
    for (const { start } of words) {
      const apart = Math.max(0, phrase.start - start, start - phrase.end);
      if (apart <= FARTHEST_APART && (best === null || apart < best.apart)) best = { phrase, apart };
    }
  }
  return best?.phrase ?? null;
}

function trimmedEnd(text: string, end: number): number {
  return text.slice(0, end).trimEnd().length;
}
