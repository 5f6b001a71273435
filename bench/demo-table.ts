/** The table of `npm run demo -- --json`, stored as bench/results/demo.json. */
import { z } from "zod";

const interval = z.object({ lower: z.number(), upper: z.number() });
const rate = z.object({
  successes: z.number(),
  n: z.number(),
  wilson: interval,
  byLatent: interval,
});

export const demoResultSchema = z.object({
  summary: z.object({
    manifest: z.object({
      model: z.object({ architecture: z.string(), weightType: z.string() }),
      target: z.number(),
      judge: z.object({ id: z.string() }),
    }),
    margin: z.number(),
    arms: z.array(
      z.object({
        arm: z.string(),
        counts: z.record(z.string(), z.number()),
        clusters: z.number(),
        firstScore: z.object({ estimate: z.number().nullable(), ...interval.shape }),
        multiAttempt: rate,
        esr: rate,
      }),
    ),
    calibration: z.array(
      z.object({ verification: z.object({ mean: z.number().nullable(), n: z.number() }) }),
    ),
  }),
});
export type DemoResult = z.infer<typeof demoResultSchema>;

/** Mean first-attempt score of the fresh held-out samples at the found thresholds. */
export function heldOutFirstScore({ summary }: DemoResult): { mean: number; n: number } {
  const rows = summary.calibration.map(({ verification }) => verification);
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  return { mean: rows.reduce((sum, row) => sum + (row.mean ?? 0) * row.n, 0) / n, n };
}

export function demoTable(stored: unknown): string {
  const result = demoResultSchema.parse(stored);
  const { manifest, margin, arms, calibration } = result.summary;
  const { mean, n } = heldOutFirstScore(result);
  const percent = ({ successes, n: of, wilson, byLatent }: z.infer<typeof rate>) =>
    `${successes} of ${of}, Wilson ${span(wilson)}, by latent ${span(byLatent)}`;
  const span = ({ lower, upper }: z.infer<typeof interval>) =>
    `[${(100 * lower).toFixed(1)}, ${(100 * upper).toFixed(1)}] %`;
  return [
    [
      "| arm | generated | judged | judge failures | first attempt, 0-100 | multi-attempt | ESR |",
      "|---|---|---|---|---|---|---|",
      ...arms.map(({ arm, counts, firstScore, multiAttempt, esr }) => {
        const failures = ["refused", "empty", "unparsable", "failed"].reduce(
          (sum, name) => sum + (counts[name] ?? 0),
          0,
        );
        const first =
          firstScore.estimate === null
            ? "-"
            : `${firstScore.estimate.toFixed(1)} [${firstScore.lower.toFixed(1)}, ${firstScore.upper.toFixed(1)}]`;
        return `| ${arm} | ${counts.generated} | ${counts.judged} | ${failures} | ${first} | ${percent(multiAttempt)} | ${percent(esr)} |`;
      }),
    ].join("\n"),
    `${manifest.model.architecture} ${manifest.model.weightType}, ${calibration.length} latents, judge ${manifest.judge.id}, success margin ${margin}. ` +
      `Steering aims at a first-attempt score of ${manifest.target}; ${n} fresh samples on held-out prompts gave ${mean.toFixed(1)}.`,
  ].join("\n\n");
}
