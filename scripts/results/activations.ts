/** What recordings say: region means of each group, its test, the controls, and the averages around the restart as a figure's data. */
import { z } from "zod";

const mean = z.object({
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
const test = z.object({
  pairs: z.number(),
  clusters: z.number(),
  difference: mean,
  p: z.number().nullable(),
  pTwoSided: z.number().nullable(),
  dz: z.number().nullable(),
});
const regions = z.record(z.string(), mean);

const groupSchema = z.object({
  name: z.string(),
  first: z.string(),
  second: z.string(),
  alternative: z.string(),
  means: regions,
  test,
  latents: z.array(
    z.object({
      latent: z.number(),
      means: regions,
      pairs: z.number(),
      difference: mean,
      p: z.number().nullable(),
      pHolm: z.number().nullable(),
    }),
  ),
  noRestart: z
    .object({ answers: z.number(), mean, paired: z.record(z.string(), test).nullable() })
    .nullable(),
  baseline: z.object({ answers: z.number(), mean, paired: test }).nullable(),
});

export const activationsSchema = z.object({
  design: z.string(),
  trials: z.number(),
  leftOut: z.array(z.object({ reason: z.string(), trials: z.number() })),
  episodes: z.array(z.object({ key: z.string() })),
  groups: z.array(groupSchema),
  steered: regions,
  aligned: z.array(
    z.object({
      group: z.string(),
      points: z.array(
        z.object({
          offset: z.number(),
          n: z.number(),
          clusters: z.number(),
          estimate: z.number().nullable(),
          lower: z.number().nullable(),
          upper: z.number().nullable(),
        }),
      ),
    }),
  ),
});
export type PublishedActivations = z.infer<typeof activationsSchema>;

export function activationsText({
  trials,
  leftOut,
  episodes,
  groups,
  steered,
}: PublishedActivations): string {
  const reasons = leftOut.map(({ reason, trials: n }) => `${reason} ${n}`).join(", ");
  const counts = `${episodes.length} episodes in ${trials} trials${reasons === "" ? "" : `; left out: ${reasons}`}.`;
  if (episodes.length === 0) return `**No episode**, so nothing is tested: ${counts}`;
  return [
    counts,
    [
      "| group | off-topic | correction | on-topic | tested | pairs | difference, 95 % | p | latents told apart after Holm |",
      "|---|---|---|---|---|---|---|---|---|",
      ...groups.map(({ name, first, second, means, test: { pairs, difference, p }, latents }) => {
        const told = latents.filter(({ pHolm }) => pHolm !== null && pHolm <= 0.05).length;
        const cells = [
          name,
          ...regionCells(means),
          `${first} less ${second}`,
          pairs,
          span(difference),
          number(p, 4),
          `${told} of ${latents.length}`,
        ];
        return `| ${cells.join(" | ")} |`;
      }),
      `| the steered latent | ${regionCells(steered).join(" | ")} | - | - | - | - | - |`,
    ].join("\n"),
    ...groups.flatMap(({ name, noRestart }) =>
      noRestart?.paired == null
        ? []
        : [
            `${name}, less the same unit without the restart, at the same tokens: ${Object.entries(
              noRestart.paired,
            )
              .map(
                ([region, { difference, pTwoSided, pairs }]) =>
                  `${region} ${span(difference)}, p ${number(pTwoSided, 4)} (${pairs} pairs)`,
              )
              .join("; ")}.`,
          ],
    ),
  ].join("\n\n");
}

/** Offset from the restart's first token; a missing value is an empty field. */
export function alignedCsv({ aligned }: PublishedActivations): string {
  const lines = aligned.flatMap(({ group, points }) =>
    points.map(({ offset, n, clusters, estimate, lower, upper }) =>
      [group, offset, n, clusters, estimate ?? "", lower ?? "", upper ?? ""].join(","),
    ),
  );
  return `${["group,offset,n,latents,mean,low,high", ...lines].join("\n")}\n`;
}

function regionCells(means: z.infer<typeof regions>): string[] {
  return ["off-topic", "correction", "on-topic"].map((region) => number(means[region]?.estimate ?? null, 3));
}

function span({ estimate, lower, upper }: z.infer<typeof mean>): string {
  return `${number(estimate, 3)} [${number(lower, 3)}, ${number(upper, 3)}]`;
}

function number(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}
