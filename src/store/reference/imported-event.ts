/** The event of an imported run: what was read, and what can't be known. Reports print it. */
import { z } from "zod";

export const IMPORTED_EVENT = "imported";

const count = z.int().min(0);
const byStatus = z.record(z.string(), count);

export const importedSchema = z.object({
  files: z.array(z.string()),
  /** Files that were written when the time was over: not every latent is in them. */
  partialFiles: z.array(z.string()),
  counts: z.object({
    features: count,
    failedFeatures: count,
    trials: count,
    duplicates: count,
    repeatedUnits: count,
    stored: count,
    errored: count,
    unjudged: count,
  }),
  attempts: z.object({
    given: count,
    located: count,
    approximate: count,
    absent: count,
    flawedScores: count,
  }),
  /** Judgements by status. */
  strict: byStatus,
  raw: byStatus,
  /** In what the files differ although it was allowed, in words. */
  differences: z.array(z.string()),
  unknown: z.array(z.string()),
});
export type Imported = z.infer<typeof importedSchema>;
