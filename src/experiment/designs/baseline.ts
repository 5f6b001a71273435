import { unsteeredArm } from "../arms.ts";
import type { Design } from "../design.ts";

/** Experiment 8: the same units without steering; restarts here are no resistance. */
export const baseline: Design = { name: "baseline", paper: "8", arms: () => [unsteeredArm()] };
