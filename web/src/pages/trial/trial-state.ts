/** What the address of a trial's page holds, besides the table that it was reached from. */
import { z } from "zod";
import type { Query } from "../../lib/api.ts";
import { tableQuery, trialsStateSchema } from "../trials/trials-state.ts";

/** Tokens that a curve is averaged over. */
export const SMOOTHING = [1, 5, 15] as const;

export const trialStateSchema = z.object({
  ...trialsStateSchema.shape,
  /** Id of the curve that colours the tokens (`curves.ts`), or `none`. Absent is the first that there is. */
  curve: z.string().max(200).exactOptional(),
  /** Absent is as fits the curve. */
  smooth: z.coerce.number().pipe(z.literal(SMOOTHING)).exactOptional(),
  /** Arm that is shown beside. */
  beside: z.string().max(200).exactOptional(),
  /** Token that is looked at. */
  token: z.coerce.number().int().min(0).exactOptional(),
});
export type TrialState = z.infer<typeof trialStateSchema>;

/** The query of the neighbour that lies `step` rows on: how one looks stays, which token one looks at does not. */
export function neighbourQuery(state: TrialState, step: -1 | 1): Query {
  const { curve, smooth, beside, at } = state;
  return {
    ...tableQuery(state),
    at: at === undefined ? undefined : Math.max(0, at + step),
    curve,
    smooth,
    beside,
  };
}
