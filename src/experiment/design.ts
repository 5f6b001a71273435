/** A design is a declaration: which arms. The loop in `run.ts` is the same for all. */
import type { Arm, ArmContext } from "./arms.ts";
import type { DESIGN_NAMES } from "./config.ts";
import { baseline } from "./designs/baseline.ts";
import { esr } from "./designs/esr.ts";

export interface Design {
  name: string;
  /** Number of the experiment in the paper. */
  paper: string;
  arms: (context: ArmContext) => Arm[];
}

const DESIGNS: Record<(typeof DESIGN_NAMES)[number], Design> = { esr, baseline };

/** The arms of several designs, each arm once. */
export function armsOf({
  designs,
  context,
}: {
  designs: (keyof typeof DESIGNS)[];
  context: ArmContext;
}): Arm[] {
  const arms = new Map<string, Arm>();
  for (const name of designs) {
    for (const arm of DESIGNS[name].arms(context)) {
      arms.set(arm.name, arm);
    }
  }
  return [...arms.values()];
}
