/** The log of a training: one JSON object a line. */
import { closeSync, openSync, writeSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

const lineSchema = z.object({ event: z.string(), step: z.number().optional() });

/** What a step measured; the step's line has more. */
const stepSchema = z.object({
  event: z.literal("step"),
  loss: z.number(),
  fvu: z.number(),
  l0: z.number(),
  dead: z.number(),
});
export type LoggedStep = Omit<z.infer<typeof stepSchema>, "event">;

export interface TrainingLog extends Disposable {
  /** The last step of an earlier session; null without one. */
  readonly lastStep: LoggedStep | null;
  /** The time is added. */
  write(line: { event: string; [field: string]: unknown }): void;
}

export interface OpenTrainingLogOptions {
  file: string;
  /** Steps that the checkpoint holds: what a killed run logged after it is cut off, since it will be done again. */
  steps: number;
  now?: () => Date;
}

export async function openTrainingLog({
  file,
  steps,
  now = () => new Date(),
}: OpenTrainingLogOptions): Promise<TrainingLog> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const late = lines.findIndex((line) => (stepOf(line) ?? Number.POSITIVE_INFINITY) > steps);
  const kept = late === -1 ? lines : lines.slice(0, late);
  await writeFile(`${file}.part`, kept.map((line) => `${line}\n`).join(""));
  await rename(`${file}.part`, file);
  const fd = openSync(file, "a");
  return {
    lastStep: lastStepOf(kept),
    write(line) {
      writeSync(fd, `${JSON.stringify({ ...line, at: now().toISOString() })}\n`);
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function lastStepOf(lines: readonly string[]): LoggedStep | null {
  for (const line of lines.toReversed()) {
    const value: unknown = JSON.parse(line);
    const { success, data } = stepSchema.safeParse(value);
    if (success) return { loss: data.loss, fvu: data.fvu, l0: data.l0, dead: data.dead };
  }
  return null;
}

/** The step that a line is about; 0 for a line about none, null for one that was cut off. */
function stepOf(line: string): number | null {
  try {
    const value: unknown = JSON.parse(line);
    return lineSchema.parse(value).step ?? 0;
  } catch {
    return null;
  }
}
