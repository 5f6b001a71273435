/** Experiment 2: resistance by strength. The same units at each level, so that levels pair. */
import { z } from "zod";
import { type Level, steeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";

interface Scale {
  /** What the levels are. */
  axis: string;
  usual: readonly number[];
  level: (x: number) => Level;
  name: (x: number) => string;
  /** Whether levels must lie above 0. */
  positive: boolean;
}

const SCALES = {
  threshold: {
    axis: "times the threshold",
    usual: [0.5, 0.75, 1, 1.25, 1.5],
    level: (times) => ({ kind: "threshold", times }),
    name: (x) => (x === 1 ? "steered" : `dose-${x}`),
    positive: true,
  },
  shared: {
    axis: "standard deviations from the mean threshold",
    // ten from -3 to 3, as the paper's grid (METHOD.md 7.2)
    usual: Array.from({ length: 10 }, (_, i) => Number((-3 + (6 * i) / 9).toFixed(4))),
    level: (deviations) => ({ kind: "shared", deviations }),
    name: (x) => `shared-${x}`,
    positive: false,
  },
  kl: {
    axis: "nats a token that next-token distributions move",
    usual: [0.25, 0.5, 1, 2],
    level: (nats) => ({ kind: "kl", nats }),
    name: (x) => `kl-${x}`,
    positive: true,
  },
} satisfies Record<string, Scale>;

const settings = z
  .strictObject({
    scale: z
      .enum(["threshold", "shared", "kl"])
      .default("threshold")
      .describe(
        "`threshold`: levels are multiples of each latent's own threshold. `shared`: standard deviations from the mean threshold, one strength for all latents. `kl`: nats a token by which steering moves next-token distributions, each latent at its own strength",
      ),
    levels: z
      .array(z.number())
      .min(1)
      .nullable()
      .default(null)
      .describe("null takes the usual ones of the scale"),
    divergence: z
      .boolean()
      .default(false)
      .describe("Also measure by how many nats a token each strength moves them; `scale: kl` always does"),
  })
  .refine(({ levels }) => new Set(levels).size === (levels?.length ?? 0), {
    path: ["levels"],
    message: "a level stands in it twice",
  })
  .refine(({ scale, levels }) => !SCALES[scale].positive || (levels ?? []).every((level) => level > 0), {
    path: ["levels"],
    message: "a multiple of the threshold, and a number of nats, lies above 0",
  });

export const dose = defineDesign({
  name: "dose",
  paper: "2",
  summary:
    "Resistance by strength: multiples of each latent's own threshold, the paper's shared grid, or equal KL of steered from unsteered.",
  settings,
  declare: ({ scale, levels, divergence }) => {
    const { axis, usual, level, name }: Scale = SCALES[scale];
    const points = (levels ?? usual).map((x) => {
      const steering = { by: "latent" as const, level: level(x), ...(divergence ? { divergence } : {}) };
      return { x, arm: steeredArm({ name: name(x), steering }) };
    });
    const least = points.reduce((a, b) => (b.x < a.x ? b : a));
    return {
      arms: points.map(({ arm }) => arm),
      comparisons: against({
        // budgets need not include the strength of the threshold
        reference: scale === "kl" ? least.arm.name : "steered",
        treatments: points.map(({ arm }) => arm.name),
      }),
      curves: [{ axis, points: points.map(({ x, arm }) => ({ x, arm: arm.name })) }],
    };
  },
});
