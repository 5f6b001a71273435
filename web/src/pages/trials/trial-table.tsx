/** The grid of trials: only rows near the view are made. One row is selected by keyboard; the grid itself keeps the focus. */
// biome-ignore-all lint/a11y/useSemanticElements: rows are made as they come into view and laid out as a grid, which a table element can't tell
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its active row
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { TrialRow, TrialSort } from "../../../../src/server/viewer/api/trials.ts";
import { rowForKey } from "./row-keys.ts";
import { readScroll, saveScroll } from "./saved-scroll.ts";
import { TableHead, TRIAL_COLUMNS } from "./table-head.tsx";
import { TrialRowView } from "./trial-row.tsx";
import type { TrialsState } from "./trials-state.ts";
import type { TrialRows, View } from "./use-trial-rows.ts";

/** In the root's text size, as in trials-page.css. */
const ROW_REM = 3.5;
const HEAD_REM = 3.25;
const OVERSCAN = 16;
const SAVE_AFTER_MS = 150;

export interface TrialTableProps {
  rows: TrialRows & { total: number };
  state: TrialsState;
  /** Names the table: another one begins at its top. */
  tableKey: string;
  onView: (view: View) => void;
  onSort: (by: TrialSort) => void;
  onSelect: (index: number) => void;
  hrefOf: (row: TrialRow, index: number) => string;
  onOpen: (index: number) => void;
}

export function TrialTable(props: TrialTableProps) {
  const { rows, state, tableKey, onView, onSort, onSelect, hrefOf, onOpen } = props;
  const { total, rowAt, isFormer } = rows;
  const scroller = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState(state.at ?? null);
  useEffect(() => setSelected(state.at ?? null), [state.at]);

  const [rem] = useState(remPixels);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_REM * rem,
    // the head lies over the first pixels of what is scrolled
    scrollPaddingEnd: HEAD_REM * rem,
    overscan: OVERSCAN,
    initialOffset: () => readScroll() ?? 0,
  });

  const shownKey = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (shownKey.current === tableKey) return;
    const isFirst = shownKey.current === null;
    shownKey.current = tableKey;
    const top = readScroll();
    if (top !== null) virtualizer.scrollToOffset(top);
    else if (state.at !== undefined) virtualizer.scrollToIndex(state.at, { align: "center" });
    else if (!isFirst) virtualizer.scrollToOffset(0);
  });

  const { startIndex: first = 0, endIndex: last = 0 } = virtualizer.range ?? {};
  useEffect(() => onView({ first, last }), [onView, first, last]);
  useEffect(() => {
    const timer = setTimeout(() => saveScroll(scroller.current?.scrollTop ?? 0), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  });

  const select = (index: number) => {
    setSelected(index);
    onSelect(index);
    virtualizer.scrollToIndex(index, { align: "auto" });
  };
  const before = useRef((_index: number) => {});
  before.current = (index) => {
    saveScroll(scroller.current?.scrollTop ?? 0);
    onOpen(index);
  };
  const open = useCallback((index: number) => before.current(index), []);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const onControl = event.target instanceof Element && event.target.closest("a, button") !== null;
    if (onControl || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && selected !== null) {
      event.currentTarget.querySelector<HTMLAnchorElement>(`#${rowId(selected)} .row-link`)?.click();
      return;
    }
    const page = Math.floor(((scroller.current?.clientHeight ?? 0) / rem - HEAD_REM) / ROW_REM);
    const to = rowForKey({ key: event.key, row: selected, total, page });
    if (to === null) return;
    event.preventDefault();
    select(to);
  };

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      className="trial-table"
      aria-label="Trials"
      aria-rowcount={total + 1}
      aria-colcount={TRIAL_COLUMNS.length}
      aria-busy={isFormer}
      aria-activedescendant={selected === null ? undefined : rowId(selected)}
      data-stale={isFormer || undefined}
      onKeyDown={onKeyDown}
    >
      <TableHead state={state} onSort={onSort} />
      <div role="rowgroup" className="trial-rows" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <TrialRowView
            key={index}
            id={rowId(index)}
            index={index}
            top={start}
            row={rowAt(index)}
            isSelected={index === selected}
            search={state.search ?? ""}
            hrefOf={hrefOf}
            onOpen={open}
          />
        ))}
      </div>
    </div>
  );
}

/** Row whose rows fill the view at the place that was kept, to be asked for before the table is there. */
export function keptView(): View {
  const first = Math.floor((readScroll() ?? 0) / (ROW_REM * remPixels()));
  return { first, last: first };
}

function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

function rowId(index: number): string {
  return `trial-row-${index}`;
}
