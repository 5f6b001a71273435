/** What a run holds beside its trials and can be kept with a file of them: a Parquet file has room for it. */
import { z } from "zod";
import { manifestSchema } from "../manifest.ts";
import { armSchema, eventSchema, latentSchema, thresholdSchema } from "../records.ts";
import type { RunStore } from "../run-store.ts";

/** An event of a run that was made of such a file; it is of the import, and never exported. */
export const IMPORTED_TABLE_EVENT = "imported-table";

export const tableRunSchema = z.strictObject({
  format: z.literal(1),
  /** `name/version` of the judge whose judgements the rows hold. */
  judge: z.string().min(1),
  /** null where all arms are there. */
  arm: z.string().min(1).nullable(),
  manifest: manifestSchema,
  arms: z.array(armSchema),
  latents: z.array(latentSchema),
  thresholds: z.array(thresholdSchema),
  events: z.array(eventSchema),
});
export type TableRun = z.infer<typeof tableRunSchema>;

export function tableRun({
  store,
  judge,
  arm,
}: {
  store: RunStore;
  judge: string;
  arm: string | null;
}): TableRun {
  return {
    format: 1,
    judge,
    arm,
    manifest: store.manifest(),
    arms: store.arms(),
    latents: store.latents(),
    thresholds: store.thresholds(),
    // a part of the arms is not the finished run
    events: store
      .events()
      .filter(({ kind }) => kind !== IMPORTED_TABLE_EVENT && (arm === null || kind !== "finished")),
  };
}
