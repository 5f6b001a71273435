/** A response with its attempts marked, and in each the wording that begins it. */
import type { AttemptRecord } from "../../store/records.ts";
import { fixed } from "../number-text.ts";
import { html, type Markup } from "./html.ts";

/** Attempts are offsets into `text`; one that overlaps its forerunner begins where that ends. */
export function markedResponse({
  text,
  attempts,
}: {
  text: string;
  attempts: readonly AttemptRecord[];
}): Markup {
  let at = 0;
  const parts = attempts.flatMap((attempt, i) => {
    const start = Math.max(at, Math.min(attempt.start, text.length));
    const end = Math.max(start, Math.min(attempt.end, text.length));
    const before = text.slice(at, start);
    at = end;
    const score = attempt.score === null ? "not scored" : fixed(attempt.score);
    const words = withRestart(text.slice(start, end), attempt.restartPhrase);
    return [html`${before}<mark><span class="attempt">attempt ${i + 1}: ${score}</span>${words}</mark>`];
  });
  return html`<div class="response" dir="auto">${parts}${text.slice(at)}</div>`;
}

function withRestart(text: string, phrase: string | null): Markup {
  const at = phrase === null ? -1 : text.indexOf(phrase);
  if (phrase === null || at < 0) return html`${text}`;
  return html`${text.slice(0, at)}<span class="restart">${phrase}</span>${text.slice(at + phrase.length)}`;
}
