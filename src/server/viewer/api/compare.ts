/** `GET /api/compare?run=&arm=&run2=&arm2=&outcome=&allow=`: two arms, of one run or of two. Unequal runs answer 409 with RUNS_UNEQUAL unless `allow=all`. */
import { z } from "zod";
import type { ArmComparison } from "../../../report/compare.ts";
import { count, OUTCOMES } from "./common.ts";

export const compareQuerySchema = z.strictObject({
  run: z.string(),
  arm: z.string(),
  /** Absent is the same run. */
  run2: z.string().exactOptional(),
  arm2: z.string(),
  outcome: z.enum(["esr", "multi-attempt"]).default("multi-attempt"),
  allow: z.enum(["all"]).exactOptional(),
});

export const comparePageSchema = z.strictObject({
  comparison: z.custom<ArmComparison>((value) => typeof value === "object" && value !== null),
  /** Units in which the two arms came out differently, at most 200. */
  discordant: z.array(
    z.strictObject({
      unit: z.string(),
      latent: count.nullable(),
      label: z.string().nullable(),
      prompt: z.string(),
      reference: z.strictObject({ key: z.string(), outcome: z.enum(OUTCOMES) }),
      treatment: z.strictObject({ key: z.string(), outcome: z.enum(OUTCOMES) }),
    }),
  ),
});
export type ComparePage = z.infer<typeof comparePageSchema>;
