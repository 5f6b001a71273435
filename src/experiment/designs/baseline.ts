import { unsteeredArm } from "../arms.ts";
import { against, defineDesign, NO_SETTINGS } from "../design.ts";

export const baseline = defineDesign({
  name: "baseline",
  paper: "8",
  summary: "The same units without steering: restarts here are no resistance.",
  settings: NO_SETTINGS,
  declare: () => ({
    arms: [unsteeredArm()],
    comparisons: against({ reference: "unsteered", treatments: ["steered"] }),
  }),
});
