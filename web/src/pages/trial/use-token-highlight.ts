/** Highlights one token within its text without making the text anew (CSS Custom Highlight API). Browsers without it show the token beside the chart only. */
import { type RefObject, useLayoutEffect } from "react";
import type { Span } from "./find-words.ts";
import { rangeOfSpan } from "./token-pointer.ts";

/** As in `::highlight()` of response-text.css. */
const NAME = "countersteer-token";

export interface TokenHighlightOptions {
  root: RefObject<HTMLElement | null>;
  /** null highlights nothing. */
  span: Span | null;
  /** Whatever the text is made of: where it changes, the place is looked up again. */
  text: unknown;
}

export function useTokenHighlight({ root, span, text }: TokenHighlightOptions): void {
  const { start, end } = span ?? { start: -1, end: -1 };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text stands for the elements that are searched
  useLayoutEffect(() => {
    if (start < 0 || root.current === null || !("highlights" in CSS)) return;
    const range = rangeOfSpan({ root: root.current, span: { start, end } });
    if (range === null) return;
    const highlight = CSS.highlights.get(NAME) ?? new Highlight();
    CSS.highlights.set(NAME, highlight.add(range));
    return () => {
      highlight.delete(range);
    };
  }, [root, start, end, text]);
}
