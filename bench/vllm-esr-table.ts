/** The table of `npm run vllm-esr`, stored as bench/results/vllm-esr.json: one design through both engines. */
import { z } from "zod";

const bound = z.number().nullable();
const rate = z.object({
  successes: z.number(),
  n: z.number(),
  wilson: z.object({ lower: bound, upper: bound }),
});

export const reportSchema = z.object({
  summary: z.object({
    manifest: z.object({
      model: z.object({ fileHash: z.string(), weightType: z.string() }),
      judge: z.object({ id: z.string() }),
      packageVersion: z.string(),
    }),
    arms: z.array(
      z.object({
        arm: z.string(),
        counts: z.object({ generated: z.number(), scored: z.number(), errored: z.number() }),
        firstScore: z.object({ estimate: bound, lower: bound, upper: bound }),
        multiAttempt: rate,
        esr: rate,
        dose: z.object({ mean: bound }),
      }),
    ),
  }),
});

const resultSchema = z.object({
  date: z.string(),
  engines: z.array(z.object({ engine: z.string(), report: reportSchema })),
});
export type VllmEsr = z.infer<typeof resultSchema>;

type Arm = z.infer<typeof reportSchema>["summary"]["arms"][number];

const fixed = (number: number | null, digits = 1) => (number === null ? "-" : number.toFixed(digits));
const percent = (number: number | null) => (number === null ? "-" : (100 * number).toFixed(1));

export function vllmEsrTable(stored: unknown): string {
  const { engines, date } = resultSchema.parse(stored);
  const rows = engines.flatMap(({ engine, report }) =>
    report.summary.arms.map((arm) => [engine, ...cellsOf(arm)]),
  );
  const head = [
    "engine",
    "arm",
    "generated",
    "scored",
    "errors",
    "dose",
    "first attempt, 0-100",
    "multi-attempt",
    "ESR",
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const judges = new Set(engines.map(({ report }) => report.summary.manifest.judge.id));
  const caption = [
    "SmolLM2-135M-Instruct in float32, the same latents, prompts and settings ([bench/vllm-esr.yaml](../bench/vllm-esr.yaml));",
    "each engine searched its own thresholds and drew with its own sampler.",
    `Judge ${[...judges].join(", ")}; rates with Wilson's intervals, scores with intervals by latent; ${date.slice(0, 10)}.`,
  ].join(" ");
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n\n${caption}`;
}

function cellsOf({ arm, counts, dose, firstScore, multiAttempt, esr }: Arm): string[] {
  const { estimate, lower, upper } = firstScore;
  return [
    arm,
    ...[counts.generated, counts.scored, counts.errored].map(String),
    fixed(dose.mean, 2),
    `${fixed(estimate)} [${fixed(lower)}, ${fixed(upper)}]`,
    ...[multiAttempt, esr].map(
      ({ successes, n, wilson }) =>
        `${successes} of ${n} [${percent(wilson.lower)}, ${percent(wilson.upper)}] %`,
    ),
  ];
}
