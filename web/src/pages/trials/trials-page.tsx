import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useParams } from "wouter";
import { runChoicesSchema } from "../../../../src/server/viewer/api/runs.ts";
import type { TrialRow, TrialSort } from "../../../../src/server/viewer/api/trials.ts";
import { apiPath } from "../../lib/api.ts";
import { count, counted } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { useLive } from "../../lib/use-live.ts";
import { Button } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Loading, ProblemNote } from "../../ui/states.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { readScroll, saveScroll } from "./saved-scroll.ts";
import { keptView, TrialTable } from "./trial-table.tsx";
import { isFiltered, NO_FILTER, nextSort, rowQuery, tableQuery, trialsStateSchema } from "./trials-state.ts";
import { useTrialRows, type View } from "./use-trial-rows.ts";
import { useRestingView } from "./use-view.ts";
import "./trials-page.css";

/** Milliseconds between two looks at a run that goes on. */
const LIVE_MS = 5000;
const SELECT_AFTER_MS = 200;

export default function TrialsPage() {
  const { run = "" } = useParams();
  const [state, update] = useUrlState(trialsStateSchema);
  const searchRef = useRef<HTMLDivElement>(null);
  const query = useMemo(() => tableQuery(state), [state]);
  const [view, setView] = useState<View>(keptView);

  const info = useApi({ path: apiPath`/api/runs/${run}/choices`, schema: runChoicesSchema });
  const isLive = info.data?.row.run?.state === "running";
  // its end asks for everything of the run again
  const live = useLive(run, isLive);
  const rows = useTrialRows({ run, query, view: useRestingView(view), every: isLive ? LIVE_MS : undefined });
  const { total, error, isFormer } = rows;
  const filtered = isFiltered(state);
  const clear = () => update(NO_FILTER, { push: true });

  const selecting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(selecting.current), []);
  const settle = useCallback(
    (at: number) => {
      clearTimeout(selecting.current);
      const top = readScroll();
      update({ at });
      if (top !== null) saveScroll(top);
    },
    [update],
  );
  const select = (at: number) => {
    clearTimeout(selecting.current);
    selecting.current = setTimeout(() => settle(at), SELECT_AFTER_MS);
  };
  const hrefOf = useCallback(
    (row: TrialRow, at: number) => links.trial(run, row.key, rowQuery(state, at)),
    [run, state],
  );
  useSlashFor(searchRef);

  const sortBy = (by: TrialSort) => update({ ...nextSort(state, by), at: undefined }, { push: true });
  const name = info.data?.row.name ?? run;
  return (
    <Page
      title={`Trials of ${name}`}
      heading="Trials"
      width="wide"
      crumbs={[
        { name: "Runs", href: links.runs() },
        { name, href: links.run(run) },
      ]}
    >
      <FilterBar state={state} update={update} choices={info.data?.choices} searchRef={searchRef} />
      <div className="trial-count">
        <p role="status">
          {total === null
            ? ""
            : countWords({ total, all: live?.trials ?? info.data?.total, filtered, isFormer })}
        </p>
        {filtered ? (
          <Button look="quiet" size="small" onClick={clear}>
            Clear filters
          </Button>
        ) : null}
      </div>
      {error === null ? null : <ProblemNote problem={error} retry={rows.retry} />}
      {total === null && error === null ? <Loading what="trials" /> : null}
      {total === 0 ? <NoTrials isFiltered={filtered} clear={clear} /> : null}
      {total !== null && total > 0 ? (
        <>
          <TrialTable
            rows={{ ...rows, total }}
            state={state}
            tableKey={JSON.stringify(query)}
            onView={setView}
            onSort={sortBy}
            onSelect={select}
            hrefOf={hrefOf}
            onOpen={settle}
          />
          <Keys />
        </>
      ) : null}
    </Page>
  );
}

function countWords({
  total,
  all,
  filtered,
  isFormer,
}: {
  total: number;
  all: number | undefined;
  filtered: boolean;
  isFormer: boolean;
}): string {
  if (isFormer) return "Looking…";
  if (!filtered) return counted(total, "trial");
  return all === undefined
    ? `${counted(total, "trial")} found`
    : `${count(total)} of ${counted(all, "trial")}`;
}

function NoTrials({ isFiltered: some, clear }: { isFiltered: boolean; clear: () => void }) {
  if (!some) return <Empty title="This run has no trials yet." />;
  return (
    <Empty title="No trial fits.">
      <Button onClick={clear}>Clear filters</Button>
    </Empty>
  );
}

function Keys() {
  return (
    <p className="trial-keys">
      <kbd>↑</kbd> <kbd>↓</kbd> <kbd>PgUp</kbd> <kbd>PgDn</kbd> <kbd>Home</kbd> <kbd>End</kbd> move,{" "}
      <kbd>Enter</kbd> opens, <kbd>/</kbd> searches
    </p>
  );
}

/** `/` leads to the search field, except where one types already. */
function useSlashFor(ref: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      const types = target instanceof HTMLElement && target.closest("input, textarea, select") !== null;
      if (event.key !== "/" || types || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      ref.current?.querySelector("input")?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [ref]);
}
