/** How answers of the server are kept: for the session, asked for again when a page is opened later than some seconds. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api-problem.ts";

const STALE_MS = 5000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        refetchOnWindowFocus: false,
        // a refusal is an answer; only a server that does not answer is asked once more
        retry: (failures, error) => failures < 1 && error instanceof ApiProblem && error.status === 0,
      },
    },
  });
}
