/** Steering without the SAE: is resistance a matter of SAE directions? (METHOD.md 8.5) */

import { z } from "zod";
import { AT_THRESHOLD, armOf, steeredArm, unsteeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";

const settings = z.strictObject({
  unsteered: z.boolean().default(false).describe("Also the same units without steering"),
});

export const vector = defineDesign({
  name: "vector",
  paper: "v2",
  summary:
    "A difference of means of contrastive prompts about the label, of the same norm, in place of the latent's direction.",
  settings,
  declare: ({ unsteered }) => ({
    arms: [
      steeredArm(),
      armOf({ name: "contrast-vector", steering: { by: "contrast", level: AT_THRESHOLD } }),
      ...(unsteered ? [unsteeredArm()] : []),
    ],
    comparisons: [
      ...against({
        reference: "steered",
        treatments: ["contrast-vector"],
        outcomes: ["multi-attempt", "first-score"],
      }),
      ...(unsteered ? against({ reference: "unsteered", treatments: ["contrast-vector"] }) : []),
    ],
  }),
});
