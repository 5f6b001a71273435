/** From an intervention to the plan that applies it. */
import type { Intervention } from "../engine.ts";
import { EditPlan } from "./edit-plan.ts";
import type { LatentReader } from "./latent-reader.ts";
import { ReplacePlan } from "./replace-plan.ts";
import type { RowPlan } from "./row-plan.ts";

/** null where there is nothing to edit. Throws what reading the dictionaries meets. */
export function planOf(
  intervention: Intervention | undefined,
  reader: (sae: string) => LatentReader,
): RowPlan | null {
  if (intervention === undefined || intervention.edits.length === 0) {
    return null;
  }
  const replace = intervention.edits.find((edit) => edit.kind === "replace");
  if (replace !== undefined) {
    return new ReplacePlan({ intervention, by: replace.by, reader });
  }
  const edits = intervention.edits.filter((edit) => edit.kind !== "replace");
  return new EditPlan({ intervention, edits, reader });
}
