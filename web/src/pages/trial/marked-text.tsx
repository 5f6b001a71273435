import { memo } from "react";
import { findWords } from "./find-words.ts";
import { textPieces } from "./text-pieces.ts";
import "./marks.css";

export interface MarkedTextProps {
  text: string;
  /** Words that are marked. */
  search?: string;
}

/** Text of a model, as text: what a search found is marked, and characters that would hide or reorder others are shown as code points. */
export const MarkedText = memo(function MarkedText({ text, search = "" }: MarkedTextProps) {
  const pieces = textPieces({ text, matches: findWords(text, search) })
    .flatMap((block) => block.pieces)
    .filter(({ shown }) => shown !== "");
  return pieces.map(({ start, shown, isMatch, isOdd }) =>
    isMatch ? (
      <mark key={start} className="match">
        {shown}
      </mark>
    ) : (
      <span key={start} className={isOdd ? "odd" : undefined}>
        {shown}
      </span>
    ),
  );
});
