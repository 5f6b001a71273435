/** The request field `countersteer.intervention`: steering through the chat endpoint. It names latents of the served SAE, never a file. */
import { z } from "zod";
import type { Edit, Intervention } from "../../engine/engine.ts";
import { checkLatent, type Dictionary } from "../../sae/dictionary.ts";
import { ApiError } from "./api-error.ts";

const latent = z.int().min(0);
const EditExtension = z.union([
  z.strictObject({ kind: z.literal("add"), latent, strength: z.number() }),
  z.strictObject({ kind: z.literal("add"), vector: z.array(z.number()).min(1), strength: z.number() }),
  z.strictObject({ kind: z.literal("clamp"), latent, value: z.number() }),
]);
const PositionsExtension = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("prompt") }),
  z.strictObject({ kind: z.literal("generated") }),
  z.strictObject({ kind: z.literal("range"), start: z.int().min(0), end: z.int().min(1) }),
  z.strictObject({ kind: z.literal("until-phrase"), phrases: z.array(z.string().min(1)).min(1).max(64) }),
]);

export const InterventionExtension = z.strictObject({
  /** @default the served SAE's */
  layer: z.int().min(0).optional(),
  positions: PositionsExtension.default({ kind: "all" }),
  edits: z.array(EditExtension).min(1).max(64),
});

/** The SAE whose latents may be named, and the layer that is meant where none is given. */
export interface ServedSae {
  dictionary: Dictionary;
  layer: number;
}

/** Throws an ApiError where no SAE is served, or LATENT_UNKNOWN. */
export function interventionOf({
  extension,
  sae,
}: {
  extension: z.output<typeof InterventionExtension>;
  sae: ServedSae | null;
}): Intervention {
  const layer = extension.layer ?? sae?.layer;
  if (layer === undefined) {
    throw noSae("countersteer.intervention.layer", "a layer has to be given");
  }
  const edits = extension.edits.map((edit): Edit => {
    if ("vector" in edit) {
      const { strength, vector } = edit;
      return { kind: "add", direction: { vector: Float32Array.from(vector) }, strength };
    }
    if (sae === null) {
      throw noSae("countersteer.intervention.edits", "latents can't be named");
    }
    const { dictionary } = sae;
    checkLatent({ facts: dictionary, latent: edit.latent });
    return edit.kind === "add"
      ? {
          kind: "add",
          direction: { sae: dictionary.path, latent: edit.latent },
          strength: edit.strength,
        }
      : { kind: "clamp", sae: dictionary.path, latent: edit.latent, value: edit.value };
  });
  return { layer, positions: extension.positions, edits };
}

function noSae(param: string, consequence: string): ApiError {
  return new ApiError({
    status: 400,
    message: `This server was started without an SAE, so ${consequence}. Start it with --sae, or give vectors and a layer.`,
    param,
    code: "no_sae",
  });
}
