/** What the address of the trials page holds: filter, order, and the row that is selected. */
import { z } from "zod";
import { trialFilterSchema } from "../../../../src/server/viewer/api/common.ts";
import { TRIAL_SORTS } from "../../../../src/server/viewer/api/trials.ts";
import type { Query } from "../../lib/api.ts";

export const trialsStateSchema = z.object({
  ...trialFilterSchema.shape,
  sort: z.enum(TRIAL_SORTS).default("order"),
  direction: z.enum(["up", "down"]).default("up"),
  /** Row of the table that is selected, from 0. */
  at: z.coerce.number().int().min(0).exactOptional(),
});
export type TrialsState = z.infer<typeof trialsStateSchema>;

const FILTERS = ["arm", "latent", "prompt", "outcome", "search", "judge"] as const;

/** Takes every filter out, and the row that was selected in what they let through. */
export const NO_FILTER = {
  arm: undefined,
  latent: undefined,
  prompt: undefined,
  outcome: undefined,
  search: undefined,
  judge: undefined,
  at: undefined,
};

/** What decides which trials the table holds, and in which order; without what is default, so that equal tables have equal queries. */
export function tableQuery(state: TrialsState): Query {
  const { sort, direction } = state;
  return {
    ...Object.fromEntries(FILTERS.map((name) => [name, state[name]])),
    ...(sort === "order" ? {} : { sort }),
    ...(direction === "up" ? {} : { direction }),
  };
}

export function isFiltered(state: TrialsState): boolean {
  return FILTERS.some((name) => state[name] !== undefined);
}

/** The query of the address of one row, or of the table with that row selected. */
export function rowQuery(state: TrialsState, at: number): Query {
  return { ...tableQuery(state), at };
}

/** A click on the header of a column: sorts by it, and then the other way round. */
export function nextSort(
  { sort, direction }: Pick<TrialsState, "sort" | "direction">,
  by: TrialsState["sort"],
): Pick<TrialsState, "sort" | "direction"> {
  return sort === by
    ? { sort, direction: direction === "up" ? "down" : "up" }
    : { sort: by, direction: "up" };
}
