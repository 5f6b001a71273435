import { steeredArm } from "../arms.ts";
import type { Design } from "../design.ts";

/** Experiment 1: how often a steered model restarts and improves. */
export const esr: Design = { name: "esr", paper: "1", arms: (context) => [steeredArm(context)] };
