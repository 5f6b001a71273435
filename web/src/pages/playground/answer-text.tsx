/** A model's answer as text, with its attempts marked once they are known. */
import { memo } from "react";
import { fixed } from "../../lib/format.ts";
import { textPieces } from "../trial/text-pieces.ts";
import type { End } from "./answer-state.ts";

export interface AnswerTextProps {
  text: string;
  attempts: End["attempts"];
}

const NO_ATTEMPTS: End["attempts"] = [];

export const AnswerText = memo(function AnswerText({ text, attempts = NO_ATTEMPTS }: AnswerTextProps) {
  return textPieces({ text, attempts }).map(({ start, attempt, pieces }) => {
    const shown = pieces.map((piece) => (
      <span key={piece.start} className={piece.isOdd ? "odd" : piece.isRestart ? "play-restart" : undefined}>
        {piece.shown}
      </span>
    ));
    if (attempt === null) return <span key={start}>{shown}</span>;
    return (
      <span key={start} className={`play-attempt play-attempt-${attempt % 2 === 0 ? "even" : "odd"}`}>
        <span className="play-attempt-name">
          Attempt {attempt + 1}
          {scoreWords(attempts[attempt]?.score ?? null)}
        </span>{" "}
        {shown}
      </span>
    );
  });
});

function scoreWords(score: number | null): string {
  return score === null ? "" : `, score ${fixed(score, 0)}`;
}
