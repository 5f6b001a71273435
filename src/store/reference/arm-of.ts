/** The arm that a result file holds: one file is one arm, and files of equal content share one. */
import type { ArmRecord } from "../records.ts";
import type { ReferenceFile } from "./read-file.ts";

/** @param name what to call it in place of what the file's content suggests */
export function armOf({ file, name }: { file: ReferenceFile; name: string | null }): ArmRecord {
  const { data, named } = file;
  const { experiment_config: settings, experiment_metadata: metadata } = data;
  const variant = metadata?.prompt_variant_id ?? settings.prompt_variant_id ?? null;
  const ablated = data.ablated_latents ?? [];
  // the name alone tells that something was ablated, and not what
  const unnamed = ablated.length === 0 && named?.ablation === true;
  const steer = settings.disable_steering === true ? null : "sae-latent";
  const parts = [
    steer === null ? "unsteered" : "steered",
    ...(named?.randomSet === null || named?.randomSet === undefined ? [] : [`random-set-${named.randomSet}`]),
    ...(ablated.length > 0 ? [`ablated-${ablated.length}`] : unnamed ? ["ablated"] : []),
    ...(variant === null ? [] : [variant]),
  ];
  return {
    name: name ?? data.countersteer?.arm ?? parts.join("+"),
    content: {
      steer,
      ablated: ablated.length > 0 ? ablated : unnamed ? "unknown" : null,
      metaPrompt:
        variant === null
          ? null
          : {
              id: variant,
              template: metadata?.prompt_variant_template ?? settings.prompt_variant_template ?? null,
            },
      model: settings.model_name ?? named?.model ?? null,
    },
  };
}
