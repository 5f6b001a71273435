/** Experiment 2: resistance by strength. The same units at each level, so that levels pair. */
import { z } from "zod";
import { type Level, steeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";

const OF_THRESHOLD = [0.5, 0.75, 1, 1.25, 1.5];
/** Ten from -3 to 3, as the paper's grid (METHOD.md 7.2). */
const SHARED = Array.from({ length: 10 }, (_, i) => Number((-3 + (6 * i) / 9).toFixed(4)));

const settings = z
  .strictObject({
    scale: z
      .enum(["threshold", "shared"])
      .default("threshold")
      .describe(
        "`threshold`: levels are multiples of each latent's own threshold. `shared`: standard deviations from the mean threshold, one strength for all latents",
      ),
    levels: z
      .array(z.number())
      .min(1)
      .nullable()
      .default(null)
      .describe("null takes the usual ones of the scale"),
  })
  .refine(({ levels }) => new Set(levels).size === (levels?.length ?? 0), {
    path: ["levels"],
    message: "a level stands in it twice",
  })
  .refine(({ scale, levels }) => scale === "shared" || (levels ?? []).every((level) => level > 0), {
    path: ["levels"],
    message: "a multiple of the threshold lies above 0",
  });

export const dose = defineDesign({
  name: "dose",
  paper: "2",
  summary:
    "Resistance by strength, at multiples of each latent's own threshold or on the paper's shared grid.",
  settings,
  declare: ({ scale, levels }) => {
    const points = (levels ?? (scale === "threshold" ? OF_THRESHOLD : SHARED)).map((x) => {
      const level: Level =
        scale === "threshold" ? { kind: "threshold", times: x } : { kind: "shared", deviations: x };
      const name = scale === "threshold" ? (x === 1 ? "steered" : `dose-${x}`) : `shared-${x}`;
      return { x, arm: steeredArm({ name, steering: { by: "latent", level } }) };
    });
    const axis =
      scale === "threshold" ? "times the threshold" : "standard deviations from the mean threshold";
    return {
      arms: points.map(({ arm }) => arm),
      comparisons: against({ reference: "steered", treatments: points.map(({ arm }) => arm.name) }),
      curves: [{ axis, points: points.map(({ x, arm }) => ({ x, arm: arm.name })) }],
    };
  },
});
