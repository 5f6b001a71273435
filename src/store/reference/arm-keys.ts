/** What the reference's file says of an arm besides its settings: ablated latents (METHOD.md 7.3) and a prompt variant (7.5). */
import { z } from "zod";
import type { ArmRecord } from "../records.ts";

const latents = z.array(z.int().min(0)).min(1);
/** An arm of ours. The reference ablates whole latents: part of the way, or to another value, is nothing that it knows. */
const wholeSchema = z.object({ latents, value: z.literal(0), share: z.literal(1) });
const metaPromptSchema = z.union([
  z.object({ text: z.string() }).transform(({ text }) => ({ id: null, template: text })),
  // an imported arm
  z.object({ id: z.string(), template: z.string().nullable() }),
]);

/** @param experiment name of what the arm belongs to */
export function armKeys({ arm: { name, content }, experiment }: { arm: ArmRecord; experiment: string }) {
  const ablated =
    wholeSchema.safeParse(content.ablate).data?.latents ?? latents.safeParse(content.ablated).data ?? null;
  const meta = metaPromptSchema.safeParse(content.metaPrompt).data ?? null;
  return {
    ...(ablated === null ? {} : { ablated_latents: ablated, num_ablated_latents: ablated.length }),
    ...(meta === null
      ? {}
      : {
          experiment_metadata: {
            experiment_name: experiment,
            prompt_variant_id: meta.id ?? name,
            prompt_variant_template: meta.template,
            source_results_file: null,
          },
        }),
  };
}
