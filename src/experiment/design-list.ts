/** The designs that a configuration can name. A new one is its own file and a line here. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import type { DeclaredAnalysis } from "../store/analysis.ts";
import type { AdapterOf } from "./arm-adapter.ts";
import type { DeclaredArm } from "./arms.ts";
import { type ArmContext, declareArms } from "./declare-arms.ts";
import type { Design } from "./design.ts";
import { ablation } from "./designs/ablation.ts";
import { activations } from "./designs/activations.ts";
import { baseline } from "./designs/baseline.ts";
import { dose } from "./designs/dose.ts";
import { esr } from "./designs/esr.ts";
import { finetune } from "./designs/finetune.ts";
import { judges } from "./designs/judges.ts";
import { metaPrompt } from "./designs/meta-prompt.ts";
import { prefill } from "./designs/prefill.ts";
import { timeline } from "./designs/timeline.ts";
import { vector } from "./designs/vector.ts";
import type { TrainedOn } from "./trained-on.ts";

export const DESIGNS: readonly Design[] = [
  esr,
  baseline,
  dose,
  ablation,
  finetune,
  metaPrompt,
  prefill,
  timeline,
  activations,
  vector,
  judges,
];

/** A design by its name alone, or with settings. */
export const choiceSchema = z.union([
  z.string().min(1),
  z.object({ name: z.string().min(1) }).catchall(z.json()),
]);
export type DesignChoice = z.infer<typeof choiceSchema>;

/** The choices with every setting filled in; a name alone for a design without settings. Throws CONFIG_INVALID. */
export function normaliseChoices({ choices }: { choices: readonly DesignChoice[] }): DesignChoice[] {
  const chosen = choices.map(partsOf);
  const names = chosen.map(({ design }) => design.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The design \`${twice}\` is named twice.`,
      why: "A run has each design once.",
      todo: "Give one of the two to a second run, or take it out.",
      facts: { designs: names },
    });
  }
  return chosen.map(({ design, settings }) => {
    const parsed = design.parse(settings);
    return Object.keys(parsed).length === 0
      ? design.name
      : choiceSchema.parse({ name: design.name, ...parsed });
  });
}

export interface DeclaredDesigns {
  arms: DeclaredArm[];
  analyses: DeclaredAnalysis[];
  /** What adapters of the arms were trained on. */
  trainedOn: TrainedOn[];
}

/** Arms and comparisons of several designs, each arm once. Throws CONFIG_INVALID, and what reading the designs' files throws. */
export async function declareDesigns({
  choices,
  context,
  adapterOf,
}: {
  choices: readonly DesignChoice[];
  context: ArmContext;
  /** @default one that knows no model, which is enough for a plan */
  adapterOf?: AdapterOf;
}): Promise<DeclaredDesigns> {
  const declared = await Promise.all(
    choices.map(async (choice) => {
      const { design, settings } = partsOf(choice);
      return { design: design.name, ...(await design.declare(settings, adapterOf ? { adapterOf } : {})) };
    }),
  );
  const arms = declareArms({ arms: declared.flatMap((each) => each.arms), context });
  if (arms.length === 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "The designs have no arm.",
      why: "A run without an arm has no trial.",
      todo: "Name a design that has one; `countersteer designs` lists them.",
    });
  }
  const has = (name: string) => arms.some((arm) => arm.name === name);
  const analyses = declared.map(({ design, comparisons, curves, activations }) => ({
    design,
    comparisons: comparisons.filter(({ reference, treatment }) => has(reference) && has(treatment)),
    curves,
    ...(activations.length === 0 ? {} : { activations }),
  }));
  return { arms, analyses, trainedOn: declared.flatMap((each) => each.trainedOn) };
}

/** Files that the designs' settings name. */
export function designFiles({ choices }: { choices: readonly DesignChoice[] }): ReturnType<Design["files"]> {
  return choices.flatMap((choice) => {
    const { design, settings } = partsOf(choice);
    return design.files(settings);
  });
}

/** `esr+dose` */
export function namesOf({ choices }: { choices: readonly DesignChoice[] }): string {
  return choices.map((choice) => (typeof choice === "string" ? choice : choice.name)).join("+");
}

function partsOf(choice: DesignChoice): { design: Design; settings: Record<string, unknown> } {
  const { name, ...settings } = typeof choice === "string" ? { name: choice } : choice;
  const design = DESIGNS.find((each) => each.name === name);
  if (design !== undefined) return { design, settings };
  const known = DESIGNS.map((each) => each.name);
  throw new CountersteerError("CONFIG_INVALID", {
    what: `There is no design "${name}".`,
    why: `The designs are ${known.join(", ")}.`,
    todo: "Name one of them; `countersteer designs` tells what each shows.",
    facts: { name, known },
  });
}
