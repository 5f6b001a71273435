/** One answer of the server as state of a component. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import { api, type Query } from "./api.ts";

export interface UseApiOptions<T> {
  path: string;
  query?: Query;
  schema: z.ZodType<T>;
  /** False asks for nothing. @default true */
  enabled?: boolean;
  /** Shows the former answer while the next one of the same place is on its way. @default false */
  keep?: boolean;
  /** Milliseconds after which it is asked for again, while the page is visible. @default never */
  every?: number;
}

/** The key is `[path, query]`: `queryClient.invalidateQueries({ queryKey: [path] })` asks again. */
export function useApi<T>(options: UseApiOptions<T>): UseQueryResult<T> {
  const { path, query = {}, schema, enabled = true, keep = false, every } = options;
  return useQuery<T>({
    queryKey: [path, query],
    queryFn: ({ signal }) => api.get({ path, query, schema, signal }),
    enabled,
    placeholderData: (former, formerQuery) =>
      keep && formerQuery?.queryKey[0] === path ? former : undefined,
    ...(every === undefined ? {} : { refetchInterval: every }),
  });
}
