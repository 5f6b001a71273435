/** One trial in the table: two lines, and a card of two lines where the window is narrow. */
// biome-ignore-all lint/a11y/useSemanticElements: rows are made as they come into view and laid out as a grid, which a table element can't tell
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its active row
import { memo } from "react";
import { Link } from "wouter";
import { visibleText } from "../../../../src/report/visible-text.ts";
import type { TrialRow } from "../../../../src/server/viewer/api/trials.ts";
import { count, fixed, short } from "../../lib/format.ts";
import { OutcomeMark } from "../../ui/outcome-mark.tsx";
import { MarkedText } from "../trial/marked-text.tsx";
import { nearMatch } from "./near-match.ts";

export interface TrialRowViewProps {
  id: string;
  /** From 0. */
  index: number;
  top: number;
  /** undefined while it is on its way. */
  row: TrialRow | undefined;
  isSelected: boolean;
  search: string;
  /** Address of the row's trial, and what to do before it is opened; both only where there is a row. */
  hrefOf: (row: TrialRow, index: number) => string;
  onOpen: (index: number) => void;
}

export const TrialRowView = memo(function TrialRowView(props: TrialRowViewProps) {
  const { id, index, top, row, isSelected, search, hrefOf, onOpen } = props;
  return (
    <div
      id={id}
      role="row"
      className="trial-row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-busy={row === undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className="cell-n">
        {count(index + 1)}
      </div>
      {row === undefined ? (
        <div role="gridcell" className="cell-coming">
          <span className="visually-hidden">loading</span>
        </div>
      ) : (
        <Cells row={row} search={search} href={hrefOf(row, index)} onOpen={() => onOpen(index)} />
      )}
    </div>
  );
});

interface CellsProps {
  row: TrialRow;
  search: string;
  href: string;
  onOpen: () => void;
}

function Cells({ row, search, href, onOpen }: CellsProps) {
  const { arm, latent, label, strength, prompt, excerpt, outcome, attempts, firstScore, lastScore, tokens } =
    row;
  const change = attempts < 2 || firstScore === null || lastScore === null ? null : lastScore - firstScore;
  return (
    <>
      <div role="gridcell" className="cell-outcome">
        <OutcomeMark outcome={outcome} />
        {row.degraded ? <span className="tag">degraded</span> : null}
      </div>
      <div role="gridcell" className="cell-arm" title={arm}>
        {visibleText(arm)}
      </div>
      <div role="gridcell" className="cell-latent" title={label ?? undefined}>
        {latent === null ? "–" : latent}{" "}
        <span className="latent-label">{label === null ? "" : visibleText(label)}</span>
      </div>
      <div role="gridcell" className="cell-strength">
        {latent === null ? "" : `at ${short(strength, 2)}`}
      </div>
      <div role="gridcell" className="cell-prompt" dir="auto">
        <MarkedText text={prompt} search={search} />
      </div>
      <div role="gridcell" className="cell-response" dir="auto">
        <Link href={href} tabIndex={-1} onClick={onOpen} className="row-link">
          {excerpt.trim() === "" ? (
            <em className="muted">no text</em>
          ) : (
            <MarkedText text={nearMatch(excerpt, search)} search={search} />
          )}
        </Link>
      </div>
      <div role="gridcell" className="cell-attempts">
        {attempts}
      </div>
      <div role="gridcell" className="cell-first">
        {fixed(firstScore)}
      </div>
      <div role="gridcell" className={`cell-last ${attempts < 2 ? "is-first muted" : ""}`}>
        {fixed(lastScore)}
      </div>
      <div
        role="gridcell"
        className={`cell-change ${change === null ? "muted" : change > 0 ? "rise" : "fall"}`}
      >
        {change !== null && change > 0 ? "+" : ""}
        {fixed(change)}
      </div>
      <div role="gridcell" className="cell-tokens">
        {count(tokens)}
      </div>
    </>
  );
}
