/** What a run of the fuzzers leaves in bench/results/fuzz.json. */
import { z } from "zod";

export const summarySchema = z.strictObject({
  seed: z.int().min(0),
  kinds: z
    .array(
      z.strictObject({
        kind: z.string().min(1),
        input: z.string().min(1),
        /** What an accepted input had to show. */
        right: z.string().min(1),
        cases: z.int().positive(),
        accepted: z.int().min(0),
        /** How often each code was met. */
        refused: z.record(z.string(), z.int().positive()),
        failures: z.int().min(0),
      }),
    )
    .min(1),
});
export type Summary = z.infer<typeof summarySchema>;
