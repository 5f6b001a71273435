/** The intervention that a command line of `steer` asks for. */
import type { Edit, Intervention, Positions } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import type { KnownModel } from "../../model/registry.ts";
import { checkLatent, type Dictionary } from "../../sae/dictionary.ts";
import type { ChosenDirection } from "./direction.ts";

export interface InterventionOptions {
  /** Null: nothing is added, latents are only ablated. */
  chosen: ChosenDirection | null;
  strength: number | undefined;
  ablate: readonly number[];
  positions: Positions;
  layer: number;
  /** Null only where no latent is named. */
  dictionary: Dictionary | null;
  known: KnownModel | null;
}

/** Throws LATENT_UNKNOWN for an ablated latent that the SAE lacks, CONFIG_INVALID where a strength is needed and none is known. */
export function interventionOf(options: InterventionOptions): Intervention {
  const { chosen, ablate, positions, layer, dictionary } = options;
  const adds: Edit[] =
    chosen === null
      ? []
      : [{ kind: "add", direction: chosen.direction, strength: strengthOf({ ...options, chosen }) }];
  const clamps = ablate.map((latent): Edit => {
    if (dictionary === null) {
      throw new Error("latents are ablated without a dictionary");
    }
    checkLatent({ facts: dictionary, latent });
    return { kind: "clamp", sae: dictionary.path, latent, value: 0 };
  });
  return { layer, edits: [...adds, ...clamps], positions };
}

function strengthOf({
  chosen,
  strength,
  known,
}: {
  chosen: ChosenDirection;
  strength: number | undefined;
  known: KnownModel | null;
}): number {
  if (strength !== undefined) return strength;
  const usual = known?.defaults.priorMean ?? null;
  if (usual !== null && chosen.latent !== null) return usual;
  throw new CountersteerError("CONFIG_INVALID", {
    what: "No strength was given.",
    why:
      chosen.latent === null
        ? "How strong a vector is depends on its length, so there is no default."
        : "Only models whose thresholds are known have a default.",
    todo: "Give --strength.",
  });
}
