/** How much memory grew after the warm-up, and the table of it. */
import { z } from "zod";

const mib = z.number().positive();

export const leakResultSchema = z.strictObject({
  cell: z.literal("leaks"),
  date: z.iso.datetime(),
  machine: z.strictObject({
    cpu: z.string().min(1),
    cores: z.number().int().positive(),
    memoryGiB: z.number().positive(),
    platform: z.string().min(1),
    node: z.string().min(1),
  }),
  libraries: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Generations after which growth is counted. */
  warmUp: z.number().int().nonnegative(),
  samples: z
    .array(z.strictObject({ generations: z.number().int().positive(), engineMiB: mib, parentMiB: mib }))
    .min(1),
});
export type LeakResult = z.infer<typeof leakResultSchema>;
type Sample = LeakResult["samples"][number];

interface Growth {
  /** Mean of the first and of the last quarter of the samples after the warm-up, MiB. */
  first: number;
  last: number;
  /** `last / first - 1`; below 0 where memory was given back. */
  share: number;
  /** The greatest share by which a sample lies above the least one before it: what was given back at some time can't hide a leak. */
  rise: number;
}

export function growthOf({
  samples,
  warmUp,
  of,
}: {
  samples: readonly Sample[];
  warmUp: number;
  of: (sample: Sample) => number;
}): Growth {
  const after = samples.filter(({ generations }) => generations > warmUp).map(of);
  const quarter = Math.floor(after.length / 4);
  if (quarter === 0) throw new Error(`${after.length} samples after the warm-up are too few.`);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [first, last] = [mean(after.slice(0, quarter)), mean(after.slice(-quarter))];
  let least = Number.POSITIVE_INFINITY;
  let rise = 0;
  for (const value of after) {
    least = Math.min(least, value);
    rise = Math.max(rise, value / least - 1);
  }
  return { first, last, share: last / first - 1, rise };
}

export const PROCESSES: readonly { name: string; of: (sample: Sample) => number }[] = [
  { name: "engine process", of: ({ engineMiB }) => engineMiB },
  { name: "program", of: ({ parentMiB }) => parentMiB },
];

export function leakTable(stored: unknown): string {
  const { samples, warmUp, settings, machine, date } = leakResultSchema.parse(stored);
  const rows = PROCESSES.map(({ name, of }) => {
    const { first, last, share, rise } = growthOf({ samples, warmUp, of });
    return `| ${name} | ${first.toFixed(1)} | ${last.toFixed(1)} | ${(100 * share).toFixed(2)} % | ${(100 * rise).toFixed(2)} % |`;
  });
  const end = samples.at(-1)?.generations ?? 0;
  const caption =
    `${end} generations of ${settings.newTokens} tokens in one engine (${settings.model}), three in four of them steered, with scores, captures and stopped calls in between. ` +
    `Memory of the process alone (RssAnon), mean of the first and of the last quarter of the samples after ${warmUp} generations; a negative growth is memory given back, and the greatest rise is that of a sample over the least one before it. ${machine.cores} cores of ${machine.cpu}; Node ${machine.node}; ${date.slice(0, 10)}.`;
  return [
    "| | after warm-up, MiB | at the end, MiB | growth | greatest rise |",
    "|---|---:|---:|---:|---:|",
    ...rows,
    "",
    caption,
  ].join("\n");
}
