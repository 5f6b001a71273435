/** Finds in a text what a model says it copied from it, though models change quotes, case, spacing and a letter here and there. */

export interface QuoteSpan {
  /** Half-open span of the text, in UTF-16 units. */
  start: number;
  end: number;
  how: "exact" | "normalised" | "near";
}

export interface LocateOptions {
  text: string;
  quote: string;
  /** Spans begin here or later. @default 0 */
  from?: number;
}

/** Share of a quote's characters that may differ, and the least length for which any may: short words are near everything. */
const MOST_CHANGED = 0.15;
const LEAST_NEAR_LENGTH = 12;
/** Longer quotes are compared by this much of their beginning. */
const LONGEST_NEAR = 200;

/** Every place of the quote, in order, by the strictest comparison that finds one; the near comparison finds the best place only. */
export function locateQuote({ text, quote, from = 0 }: LocateOptions): QuoteSpan[] {
  const trimmed = quote.trim();
  if (trimmed === "") return [];
  const exact = occurrences(text, trimmed, from).map(
    (start): QuoteSpan => ({ start, end: start + trimmed.length, how: "exact" }),
  );
  if (exact.length > 0) return exact;
  const within = normalise(text.slice(from));
  // a model that shortens a quote marks it
  const wanted = normalise(trimmed.replace(/(?:\.\.\.|…)$/, "")).text.trim();
  if (wanted === "") return [];
  const spanOf = (at: number, length: number, how: QuoteSpan["how"]): QuoteSpan => ({
    start: from + (within.offsets[at] ?? 0),
    end: from + (within.ends[at + length - 1] ?? 0),
    how,
  });
  const same = occurrences(within.text, wanted, 0).map((at) => spanOf(at, wanted.length, "normalised"));
  if (same.length > 0) return same;
  const near = nearest(within.text, wanted.slice(0, LONGEST_NEAR).trim());
  return near === null ? [] : [spanOf(near.start, near.end - near.start, "near")];
}

function occurrences(text: string, quote: string, from: number): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    found.push(at);
  }
  return found;
}

interface Normalised {
  text: string;
  /** For each character, where its origin begins and ends in the text that was normalised. */
  offsets: number[];
  ends: number[];
}

const SAME: Record<string, string> = {
  "“": '"',
  "”": '"',
  "„": '"',
  "‘": "'",
  "’": "'",
  "`": "'",
  "–": "-",
  "—": "-",
  "…": "...",
};
const MARKUP = /[*_#~]/;

/** Lower case, straight quotes and dashes, no markup, single spaces. */
function normalise(text: string): Normalised {
  const made: Normalised = { text: "", offsets: [], ends: [] };
  let offset = 0;
  for (const character of text) {
    const next = offset + character.length;
    const plain = MARKUP.test(character)
      ? ""
      : /\s/.test(character)
        ? " "
        : (SAME[character] ?? character.toLowerCase());
    if (!(plain === " " && (made.text === "" || made.text.endsWith(" ")))) {
      made.text += plain;
      for (let unit = 0; unit < plain.length; unit++) {
        made.offsets.push(offset);
        made.ends.push(next);
      }
    }
    offset = next;
  }
  return made;
}

/** The place with the smallest edit distance, the earliest of equals (Sellers' algorithm, keeping where each alignment began). */
function nearest(text: string, quote: string): { start: number; end: number } | null {
  if (quote.length < LEAST_NEAR_LENGTH) return null;
  const most = Math.floor(quote.length * MOST_CHANGED);
  let costs = Int32Array.from({ length: quote.length + 1 }, (_, i) => i);
  let starts = new Int32Array(quote.length + 1);
  let best: { start: number; end: number; cost: number } | null = null;
  for (let at = 0; at < text.length; at++) {
    const nextCosts = new Int32Array(quote.length + 1);
    const nextStarts = new Int32Array(quote.length + 1);
    nextStarts[0] = at + 1;
    for (let i = 1; i <= quote.length; i++) {
      const changed = (costs[i - 1] ?? 0) + (text[at] === quote[i - 1] ? 0 : 1);
      const added = (costs[i] ?? 0) + 1;
      const dropped = (nextCosts[i - 1] ?? 0) + 1;
      const cost = Math.min(changed, added, dropped);
      nextCosts[i] = cost;
      const cameFrom = cost === changed ? starts[i - 1] : cost === added ? starts[i] : nextStarts[i - 1];
      nextStarts[i] = cameFrom ?? 0;
    }
    costs = nextCosts;
    starts = nextStarts;
    const cost = costs[quote.length] ?? 0;
    if (cost <= most && (best === null || cost < best.cost)) {
      best = { start: starts[quote.length] ?? 0, end: at + 1, cost };
    }
  }
  return best;
}
