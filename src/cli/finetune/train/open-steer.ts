/** Opens the SAE whose directions steer in a training, and reads those that will. */
import { checkSae } from "../../../engine/check-sae.ts";
import type { ModelInfo } from "../../../engine/engine.ts";
import type { Provenance } from "../../../finetune/train/provenance.ts";
import type { Recipe } from "../../../finetune/train/recipe.ts";
import type { Steer } from "../../../finetune/train/steer-examples.ts";
import { planSteering } from "../../../finetune/train/steer-plan.ts";
import type { TrainingExample } from "../../../finetune/train/training-example.ts";
import type { KnownModel } from "../../../model/registry.ts";
import { checkLatent, type Dictionary } from "../../../sae/dictionary.ts";
import type { CliContext } from "../../context.ts";
import { openSae } from "../../sae/open-sae.ts";
import { layerOf, saeOf } from "../../sae-of.ts";

export interface OpenSteerOptions {
  recipe: Recipe;
  train: readonly TrainingExample[];
  info: ModelInfo;
  known: KnownModel | null;
  flags: { cacheDir?: string };
  context: CliContext;
}

export interface OpenedSteer {
  steer: Steer;
  dictionary: Dictionary;
  provenance: NonNullable<Provenance["sae"]>;
}

/** null where nothing is steered; the caller closes the dictionary. Throws CONFIG_INVALID, SAE_MISMATCH, LATENT_UNKNOWN, and what opening an SAE throws. */
export async function openSteer({
  recipe,
  train: examples,
  info,
  known,
  flags,
  context,
}: OpenSteerOptions): Promise<OpenedSteer | null> {
  const plan = planSteering({ recipe, examples });
  if (plan === null) return null;
  const { sae, layer: asked } = recipe.steer;
  const name = saeOf({ flags: sae === null ? {} : { sae }, known });
  const dictionary = await openSae({ sae: name, flags, context });
  try {
    const layer = layerOf({ flags: asked === null ? {} : { layer: asked }, dictionary, known });
    // a layer that the recipe names is meant
    const warnings = checkSae({ dictionary, info, layer, allowLayerMismatch: asked !== null });
    for (const warning of warnings) context.terminal.warn(warning);
    const made = examples.flatMap(({ steering }) => (steering === null ? [] : [steering.latent]));
    const latents = [...new Set([...plan.latents, ...made])].sort((a, b) => a - b);
    for (const latent of latents) checkLatent({ facts: dictionary, latent });
    const directions = new Map(latents.map((latent) => [latent, dictionary.direction(latent).slice()]));
    const direction = (latent: number) => directions.get(latent) ?? dictionary.direction(latent);
    return {
      steer: { plan, layer, direction },
      dictionary,
      provenance: { path: dictionary.path, sha256: dictionary.hash(), layer },
    };
  } catch (error) {
    dictionary.close();
    throw error;
  }
}
