/**
 * Finds the attempts of a result file in the response. The reference's judge copied their texts (METHOD.md 6.1), sometimes shortened or changed, and
 * nobody checked that they are there.
 */
import { locateQuote, type QuoteSpan } from "../../judge/llm/locate-quote.ts";

export interface PlacedAttempt {
  start: number;
  end: number;
  /** `beginning`: only its first words were found. */
  how: QuoteSpan["how"] | "beginning";
}

/** Of a text whose whole is not found, so many characters of its beginning must be; its last ones tell where it ends. */
const LEAST_EDGE = 24;
const EDGE = 80;
/** Nearness is measured on so much of a text; where a longer one ends must be looked up. */
const NEAR_LENGTH = 200;
/** How judges mark that they left something out. */
const OMISSION = /\.\.\.|…|[[\]]/;

interface Found {
  start: number;
  /** Where the words end that were found. */
  end: number;
  /** Whether the attempt ends there; else it reaches to the next one. */
  whole: boolean;
  how: PlacedAttempt["how"];
}

/**
 * One entry for each text, null where the response does not have it after the beginning of the attempt before. Spans don't overlap: an attempt ends
 * where the next begins.
 */
export function placeAttempts({
  response,
  texts,
}: {
  response: string;
  texts: readonly (string | null)[];
}): (PlacedAttempt | null)[] {
  const found: (Found | null)[] = [];
  let last: Found | null = null;
  for (const text of texts) {
    const place: Found | null = text === null ? null : find({ response, text, last });
    found.push(place);
    last = place ?? last;
  }
  return found.map((place, index) => {
    if (place === null) return null;
    const { start, end, whole, how } = place;
    const limit = found.slice(index + 1).find((each) => each !== null)?.start ?? response.length;
    const trimmed = response.slice(0, whole ? Math.min(end, limit) : limit).trimEnd().length;
    return { start, end: Math.max(trimmed, start + 1), how };
  });
}

interface FindOptions {
  response: string;
  text: string;
  last: Found | null;
}

function find({ response, text, last }: FindOptions): Found | null {
  const after = locate({ response, text, from: last?.end ?? 0 });
  if (after !== null || last === null) return after;
  // a judge may give an attempt once more as part of the one before; a near text would find that one itself
  const within = locateQuote({ text: response, quote: text, from: last.start + 1 }).find(
    ({ how }) => how !== "near",
  );
  return within === undefined ? null : { ...within, whole: true };
}

function locate({ response, text, from }: { response: string; text: string; from: number }): Found | null {
  const [span] = locateQuote({ text: response, quote: text, from });
  if (span !== undefined) {
    const cut = span.how === "near" && text.trim().length > NEAR_LENGTH;
    return cut ? withEnd({ response, text, span }) : { ...span, whole: true };
  }
  const beginning = text.split(OMISSION)[0]?.trim().slice(0, EDGE) ?? "";
  if (beginning.length < LEAST_EDGE) return null;
  const [head] = locateQuote({ text: response, quote: beginning, from });
  return head === undefined ? null : withEnd({ response, text, span: { ...head, how: "beginning" } });
}

/** Completes a span of a text's first words by its last words. */
function withEnd({
  response,
  text,
  span,
}: {
  response: string;
  text: string;
  span: Omit<Found, "whole">;
}): Found {
  const tail = text.split(OMISSION).at(-1)?.trim().slice(-EDGE) ?? "";
  const last =
    tail.length < LEAST_EDGE
      ? undefined
      : locateQuote({ text: response, quote: tail, from: span.start }).find(({ end }) => end >= span.end);
  return { ...span, end: last?.end ?? span.end, whole: last !== undefined };
}
