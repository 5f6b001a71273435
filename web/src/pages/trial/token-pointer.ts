/** From places on the screen to places in a text that is shown in pieces, and back. Each piece is an element with `data-start`, its UTF-16 offset. */
import type { Span } from "./find-words.ts";

/** UTF-16 offset of the character under a point; null where there is none. */
export function offsetAtPoint({ root, x, y }: { root: HTMLElement; x: number; y: number }): number | null {
  const caret = caretAt(x, y);
  if (caret === null || !root.contains(caret.node)) return null;
  const piece = caret.node.parentElement?.closest<HTMLElement>("[data-start]");
  const start = Number(piece?.dataset.start);
  if (piece === null || piece === undefined || Number.isNaN(start)) return null;
  if (piece.dataset.odd !== undefined) return start;
  // the caret stands at the nearer side of a character, which may be its end
  const range = document.createRange();
  range.setStart(caret.node, 0);
  range.setEnd(caret.node, caret.offset);
  const before = [...range.getClientRects()].at(-1);
  const isPast = before !== undefined && y >= before.top && y <= before.bottom && x < before.right;
  return start + Math.max(0, isPast ? caret.offset - 1 : caret.offset);
}

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  if (typeof document.caretPositionFromPoint === "function") {
    const position = document.caretPositionFromPoint(x, y);
    return position === null ? null : { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint(x, y);
  return range === null ? null : { node: range.startContainer, offset: range.startOffset };
}

/** The range of the document that shows a span; null where nothing of it is shown. */
export function rangeOfSpan({ root, span }: { root: HTMLElement; span: Span }): Range | null {
  const range = document.createRange();
  let isOpen = false;
  for (const piece of root.querySelectorAll<HTMLElement>("[data-start]")) {
    const text = piece.firstChild;
    const start = Number(piece.dataset.start);
    const end = Number(piece.dataset.end);
    if (text === null || end <= span.start) continue;
    if (start >= span.end) break;
    const length = text.nodeValue?.length ?? 0;
    const isOdd = piece.dataset.odd !== undefined;
    if (!isOpen) range.setStart(text, isOdd ? 0 : Math.min(length, Math.max(0, span.start - start)));
    isOpen = true;
    range.setEnd(text, isOdd ? length : Math.min(length, span.end - start));
  }
  return isOpen ? range : null;
}
