/** A response with its attempts as blocks that begin and end where the judge says, its tokens in the colours of a curve. */
import { memo, type PointerEvent, type Ref } from "react";
import type { AttemptRecord } from "../../../../src/store/records.ts";
import { fixed } from "../../lib/format.ts";
import type { Block, Piece } from "./text-pieces.ts";
import { toneClass } from "./tone-class.ts";
import type { Scale } from "./tones.ts";
import "./marks.css";
import "./response-text.css";

export interface ResponseTextProps {
  ref: Ref<HTMLDivElement>;
  blocks: readonly Block[];
  attempts: readonly AttemptRecord[];
  kind: Scale["kind"];
  onPoint: (event: PointerEvent<HTMLElement>) => void;
  onLeave: () => void;
  /** The token under the pointer stays looked at. */
  onPin: () => void;
}

export const ResponseText = memo(function ResponseText(props: ResponseTextProps) {
  const { ref, blocks, attempts, kind, onPoint, onLeave, onPin } = props;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the slider under the text does the same by keyboard
    // biome-ignore lint/a11y/useKeyWithClickEvents: the slider under the text does the same by keyboard
    <div ref={ref} className="response" onPointerMove={onPoint} onPointerLeave={onLeave} onClick={onPin}>
      {blocks.map((block) => {
        const attempt = block.attempt === null ? undefined : attempts[block.attempt];
        if (attempt === undefined && isBlank(block)) return null;
        return (
          <div key={block.start} className={attempt === undefined ? "between" : "attempt"}>
            {attempt === undefined ? null : (
              <p className="attempt-head">
                <span className="attempt-number">Attempt {(block.attempt ?? 0) + 1}</span>{" "}
                <span className="attempt-score">
                  {attempt.score === null ? "not scored" : `score ${fixed(attempt.score)}`}
                </span>
              </p>
            )}
            <p className="response-text" dir="auto">
              <Pieces pieces={block.pieces} kind={kind} />
            </p>
          </div>
        );
      })}
    </div>
  );
});

/** Restart wording is one element, whatever colours are in it. */
function Pieces({ pieces, kind }: { pieces: readonly Piece[]; kind: Scale["kind"] }) {
  const from = pieces.findIndex(({ isRestart }) => isRestart);
  const to = pieces.findLastIndex(({ isRestart }) => isRestart) + 1;
  const views = pieces.map((piece) => <PieceView key={piece.start} piece={piece} kind={kind} />);
  if (from < 0) return views;
  return (
    <>
      {views.slice(0, from)}
      <strong className="restart" title="words of starting over">
        {views.slice(from, to)}
      </strong>
      {views.slice(to)}
    </>
  );
}

function PieceView({ piece, kind }: { piece: Piece; kind: Scale["kind"] }) {
  const { start, end, shown, tone, isOdd, isMatch, isGiven } = piece;
  if (shown === "") return null;
  const classes = [toneClass(kind, tone), isOdd ? "odd" : "", isMatch ? "match" : "", isGiven ? "given" : ""];
  const className = classes.filter((name) => name !== "").join(" ") || undefined;
  const Tag = isMatch ? "mark" : "span";
  return (
    <Tag className={className} data-start={start} data-end={end} data-odd={isOdd || undefined}>
      {shown}
    </Tag>
  );
}

function isBlank({ pieces }: Block): boolean {
  return pieces.every(({ shown }) => shown.trim() === "");
}
