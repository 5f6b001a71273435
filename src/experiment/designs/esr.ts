import { steeredArm } from "../arms.ts";
import { defineDesign, NO_SETTINGS } from "../design.ts";

export const esr = defineDesign({
  name: "esr",
  paper: "1",
  summary: "How often a steered model restarts and improves.",
  settings: NO_SETTINGS,
  declare: () => ({ arms: [steeredArm()] }),
});
