/** What the address of the page says, and what is compared where it leaves things open. */
import { z } from "zod";
import { compareQuerySchema } from "../../../../src/server/viewer/api/compare.ts";
import type { RunRow } from "../../../../src/server/viewer/api/runs.ts";
import type { Patch } from "../../lib/query-state.ts";

const { outcome, allow } = compareQuerySchema.shape;
export const compareStateSchema = z.object({
  run: z.string().exactOptional(),
  arm: z.string().exactOptional(),
  run2: z.string().exactOptional(),
  arm2: z.string().exactOptional(),
  outcome,
  allow,
});
export type CompareState = z.infer<typeof compareStateSchema>;

export interface Side {
  run: string;
  arm: string | null;
  /** The run's name and arms; null while they are unknown. */
  row: RunRow | null;
}

export interface Sides {
  reference: Side;
  treatment: Side;
}

/** null where there is no run to compare. An arm that is not named is the run's first, or the first that the other side is not. */
export function sidesOf(state: CompareState, runs: readonly RunRow[]): Sides | null {
  const run =
    state.run ?? runs.find((each) => each.run !== null && each.run.arms.length > 1)?.id ?? runs[0]?.id;
  if (run === undefined) return null;
  const rowOf = (id: string) => runs.find((each) => each.id === id) ?? null;
  const arms = (row: RunRow | null) => row?.run?.arms ?? [];
  const row = rowOf(run);
  const arm = state.arm ?? arms(row)[0] ?? null;
  const run2 = state.run2 ?? run;
  const row2 = rowOf(run2);
  const arm2 = state.arm2 ?? arms(row2).find((each) => run2 !== run || each !== arm) ?? null;
  return { reference: { run, arm, row }, treatment: { run: run2, arm: arm2, row: row2 } };
}

/** True where both sides are one and the same. */
export function isSame({ reference, treatment }: Sides): boolean {
  return reference.run === treatment.run && reference.arm === treatment.arm;
}

/** Both sides as the address names them, so that it still means the same when runs are added. */
export function named({ reference, treatment }: Sides): Patch<CompareState> {
  return {
    run: reference.run,
    arm: reference.arm ?? undefined,
    run2: treatment.run === reference.run ? undefined : treatment.run,
    arm2: treatment.arm ?? undefined,
  };
}
