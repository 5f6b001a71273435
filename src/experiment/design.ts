/** A design is a declaration: which arms, what is compared. The loop in `run.ts` is the same for all. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import type { DeclaredActivations, DeclaredComparison, DeclaredCurve } from "../store/analysis.ts";
import { type AdapterOf, unresolvedAdapter } from "./arm-adapter.ts";
import type { Arm } from "./arms.ts";
import type { TrainedOn } from "./trained-on.ts";

export interface Declaration {
  arms: Arm[];
  /** One family: their p values are corrected together. Those of arms that a run lacks are left out. */
  comparisons?: DeclaredComparison[];
  curves?: DeclaredCurve[];
  /** What is made of arms' recordings. */
  activations?: DeclaredActivations[];
  /** What adapters of its arms were trained on. */
  trainedOn?: TrainedOn[];
}

/** What a declaration may need besides its settings. */
export interface DeclareContext {
  /** An adapter that the settings name, as an arm carries it. */
  adapterOf: AdapterOf;
}

export interface DesignParts<S extends z.ZodType> {
  name: string;
  /** Number of the experiment in the paper, or "-". */
  paper: string;
  /** What it shows, in one sentence. */
  summary: string;
  /** A strict object, with a default for every field that can have one, and a description of each for `countersteer designs`. */
  settings: S;
  /** Files that the settings name and that must be there. */
  files?: (settings: z.output<S>) => { what: string; path: string }[];
  declare: (settings: z.output<S>, context: DeclareContext) => Declaration | Promise<Declaration>;
}

/** A design of any settings: what goes in is checked. */
export interface Design extends Pick<DesignParts<z.ZodType>, "name" | "paper" | "summary" | "settings"> {
  /** Settings with their defaults. Throws CONFIG_INVALID naming each field. */
  parse: (settings: Record<string, unknown>) => Record<string, unknown>;
  files: (settings: Record<string, unknown>) => { what: string; path: string }[];
  /** Throws CONFIG_INVALID, and what reading the design's files throws. Without a context there is no model at hand. */
  declare: (
    settings: Record<string, unknown>,
    context?: Partial<DeclareContext>,
  ) => Promise<Required<Declaration>>;
}

export function defineDesign<S extends z.ZodType<Record<string, unknown>>>(parts: DesignParts<S>): Design {
  const { name, paper, summary, settings: schema } = parts;
  const parse = (settings: Record<string, unknown>): z.output<S> => {
    const parsed = schema.safeParse(settings);
    if (parsed.success) return parsed.data;
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The settings of the design \`${name}\` are not valid.`,
      why: `${z.prettifyError(parsed.error).replaceAll("\n", " ")}.`,
      todo: "Correct these fields; `countersteer designs` lists them.",
      facts: { design: name, settings },
    });
  };
  return {
    name,
    paper,
    summary,
    settings: schema,
    parse,
    files: (settings) => parts.files?.(parse(settings)) ?? [],
    declare: async (settings, { adapterOf = unresolvedAdapter } = {}) => {
      const {
        arms,
        comparisons = [],
        curves = [],
        activations = [],
        trainedOn = [],
      } = await parts.declare(parse(settings), { adapterOf });
      return { arms, comparisons, curves, activations, trainedOn };
    },
  };
}

/** Settings of a design that has none. */
export const NO_SETTINGS = z.strictObject({});

/** Every treatment against one reference, by each outcome. */
export function against({
  reference,
  treatments,
  outcomes = ["multi-attempt"],
}: {
  reference: string;
  treatments: readonly string[];
  outcomes?: readonly DeclaredComparison["outcome"][];
}): DeclaredComparison[] {
  return outcomes.flatMap((outcome) =>
    treatments
      .filter((treatment) => treatment !== reference)
      .map((treatment) => ({ reference, treatment, outcome })),
  );
}
