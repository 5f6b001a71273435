/** The address as the state of a page: what is chosen can be shared, reloaded and undone with the back button. */
import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import type { z } from "zod";
import { type Patch, patchState, readState, type StateSchema, writeState } from "./query-state.ts";

export interface UpdateOptions {
  /** A step that the back button undoes, for a choice; else the address is replaced, for typing and dragging. @default false */
  push?: boolean;
}

export type UpdateUrl<T> = (patch: Patch<T>, options?: UpdateOptions) => void;

/** The schema must be a constant of its module. */
export function useUrlState<S extends StateSchema>(schema: S): [z.infer<S>, UpdateUrl<z.infer<S>>] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = useMemo(() => readState(schema, search), [schema, search]);
  const update = useCallback<UpdateUrl<z.infer<S>>>(
    (patch, { push = false } = {}) => {
      // from the window and not from the last render: two updates in one event both count
      const { pathname, search: now } = window.location;
      const query = writeState(schema, patchState(schema, readState(schema, now), patch), now);
      navigate(query === "" ? pathname : `${pathname}?${query}`, { replace: !push });
    },
    [schema, navigate],
  );
  return [state, update];
}
