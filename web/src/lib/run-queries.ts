import { apiPath } from "./api.ts";

/** Every kept answer that changes with the run: the list of runs, and whatever is asked about this one. */
export function isAboutRun(run: string): {
  predicate: (query: { queryKey: readonly unknown[] }) => boolean;
} {
  const own = apiPath`/api/runs/${run}`;
  return {
    predicate: ({ queryKey: [path] }) =>
      typeof path === "string" && (path === "/api/runs" || path === own || path.startsWith(`${own}/`)),
  };
}
