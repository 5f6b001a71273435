/** The tables of `npm run coverage`, stored as bench/results/coverage.json. */
import { z } from "zod";

const share = z.number().min(0).max(1);
const cell = {
  latents: z.number(),
  trialsPerLatent: z.number(),
  rate: share,
  icc: share,
  simulations: z.number(),
};

export const coverageSchema = z.object({
  level: share,
  rates: z.array(z.object({ ...cell, coverage: z.record(z.string(), share) })).min(1),
  pairs: z
    .array(
      z.object({
        ...cell,
        effect: z.enum(["none", "by-latent"]),
        rejected: z.record(z.string(), share),
        coverage: z.record(z.string(), share),
      }),
    )
    .min(1),
});

const percent = (value: number | undefined) => (value === undefined ? "-" : (100 * value).toFixed(1));

const RATE_METHODS = [
  ["wald", "Wald (the paper's)"],
  ["wilson", "Wilson"],
  ["bootstrap-percentile", "bootstrap"],
  ["bootstrap-bca", "bootstrap, BCa"],
  ["cluster-logit", "**by latent**"],
] as const;

export function coverageTable(stored: unknown): string {
  const { rates } = coverageSchema.parse(stored);
  const most = Math.max(...rates.map(({ simulations }) => simulations));
  return [
    `Share of simulated experiments, in percent, whose 95 % interval holds the true rate (${most} a row; bootstraps a quarter of them).`,
    [
      `| latents x trials | true rate | ICC | ${RATE_METHODS.map(([, name]) => name).join(" | ")} |`,
      `|---|---|---|${RATE_METHODS.map(() => "---|").join("")}`,
      ...rates.map(({ latents, trialsPerLatent, rate, icc, coverage }) => {
        const cells = RATE_METHODS.map(([method]) => percent(coverage[method]));
        return `| ${latents} x ${trialsPerLatent} | ${100 * rate} % | ${icc} | ${cells.join(" | ")} |`;
      }),
    ].join("\n"),
  ].join("\n\n");
}

const TESTS = ["unpaired z", "mcnemar", "permutation"] as const;
const DIFFERENCES = ["bootstrap-percentile", "cluster-t"] as const;

export function pairTable(stored: unknown): string {
  const { pairs } = coverageSchema.parse(stored);
  const [first] = pairs;
  return [
    `Two arms that do not differ on average, ${first?.latents} latents x ${first?.trialsPerLatent} pairs, ${first?.simulations} experiments a row: ` +
      "how often a test says at 5 % that they do, and how often the 95 % interval of the difference holds 0, in percent.",
    [
      "| rate | ICC | effect of a latent | unpaired z | McNemar | **permutation by latent** | bootstrap | **by latent** |",
      "|---|---|---|---|---|---|---|---|",
      ...pairs.map(({ rate, icc, effect, rejected, coverage }) => {
        const cells = [
          ...TESTS.map((test) => percent(rejected[test])),
          ...DIFFERENCES.map((d) => percent(coverage[d])),
        ];
        return `| ${100 * rate} % | ${icc} | ${effect === "none" ? "none" : "its own, 0 on average"} | ${cells.join(" | ")} |`;
      }),
    ].join("\n"),
  ].join("\n\n");
}
