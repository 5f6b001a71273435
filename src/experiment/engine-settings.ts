/** Which engine does the work of a run, as its settings say. */
import { z } from "zod";

export const engineSettingsSchema = z
  .discriminatedUnion("kind", [
    /** In this process. */
    z.strictObject({ kind: z.literal("llama") }),
    /** vLLM servers that have the plug-in; `model` then only says whose defaults are meant. */
    z.strictObject({
      kind: z.literal("vllm"),
      urls: z.array(z.string().min(1)).min(1),
      /** Requests under way at each server; null takes what it computes at once, 256 at most. */
      inFlight: z.int().min(1).nullable().default(null),
      /** Folder here that the servers know as COUNTERSTEER_SAE_ROOT. */
      saeRoot: z.string().nullable().default(null),
    }),
  ])
  .default({ kind: "llama" });
