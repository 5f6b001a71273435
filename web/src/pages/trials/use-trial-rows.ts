/** Rows of a table of any length: pages around the view are asked for and kept, so that scrolling finds them there. */
import { useQueries } from "@tanstack/react-query";
import { useRef } from "react";
import { type TrialPage, type TrialRow, trialPageSchema } from "../../../../src/server/viewer/api/trials.ts";
import { api, apiPath, type Query } from "../../lib/api.ts";
import { pagesFor } from "./page-range.ts";

/** Rows of a page. */
export const PAGE_ROWS = 100;
/** Rows on either side of the view that are there before they are seen. */
const ROWS_AHEAD = 250;
const STALE_MS = 30_000;

export interface View {
  /** The last row is included. */
  first: number;
  last: number;
}

export interface TrialRows {
  /** null until the first answer. */
  total: number | null;
  /** undefined while the row is on its way. */
  rowAt: (index: number) => TrialRow | undefined;
  /** True while rows of the former query stand in for those of the new one. */
  isFormer: boolean;
  error: Error | null;
  retry: () => void;
}

export interface TrialRowsOptions {
  run: string;
  query: Query;
  view: View;
  /** Milliseconds after which rows in view are asked for again. @default never */
  every?: number | undefined;
}

type Shown = Pick<TrialRows, "total" | "rowAt"> & { key: string };

export function useTrialRows({ run, query, view, every }: TrialRowsOptions): TrialRows {
  const key = JSON.stringify([run, query]);
  const shown = useRef<Shown>({ key, total: null, rowAt: () => undefined });
  const total = shown.current.key === key ? shown.current.total : null;
  const pages = pagesFor({
    ...view,
    size: PAGE_ROWS,
    total: total ?? Number.POSITIVE_INFINITY,
    ahead: total === null ? 0 : ROWS_AHEAD,
  });
  const path = apiPath`/api/runs/${run}/trials`;
  const answers = useQueries({
    queries: pages.map((page) => {
      const asked = { ...query, offset: page * PAGE_ROWS, limit: PAGE_ROWS };
      return {
        queryKey: [path, asked],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          api.get({ path, query: asked, schema: trialPageSchema, signal }),
        staleTime: STALE_MS,
        ...(every === undefined ? {} : { refetchInterval: every }),
      };
    }),
  });
  const loaded = new Map(
    answers.flatMap(({ data }): [number, TrialPage][] =>
      data === undefined ? [] : [[data.offset / PAGE_ROWS, data]],
    ),
  );
  const [first] = loaded.values();
  if (first !== undefined) {
    shown.current = {
      key,
      total: first.total,
      rowAt: (index) => loaded.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS],
    };
  }
  const failed = answers.filter(({ isError }) => isError);
  return {
    total: shown.current.total,
    rowAt: shown.current.rowAt,
    isFormer: shown.current.key !== key && shown.current.total !== null,
    error: failed[0]?.error ?? null,
    retry: () => {
      for (const answer of failed) void answer.refetch();
    },
  };
}
