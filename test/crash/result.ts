/** What a round of kills found, as it is stored in bench/results/crash.json. */
import { z } from "zod";
import { machineSchema } from "../../bench/result.ts";

const killSchema = z.strictObject({
  target: z.enum(["parent", "engine", "both"]),
  seconds: z.number().min(0),
  moment: z.enum(["time", "write", "result"]),
  stored: z.number().min(0).max(1),
  gone: z.number().min(0),
});

const lifeSchema = z.strictObject({
  workload: z.string().min(1),
  kills: z.array(killSchema),
  problems: z.array(z.string()),
});

export const crashResultSchema = z.strictObject({
  cell: z.literal("crash"),
  date: z.iso.datetime(),
  machine: machineSchema,
  seed: z.int().min(0),
  /** Seconds that each command takes undisturbed. */
  undisturbed: z.record(z.string(), z.number().positive()),
  lives: z.array(lifeSchema).min(1),
});
export type CrashResult = z.infer<typeof crashResultSchema>;
