/** The dose of a strength before anything is asked, from what is known of the direction. */
import { type LatentDetail, latentDetailSchema } from "../../../../src/server/viewer/api/latents.ts";
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import { apiPath } from "../../lib/api.ts";
import { useApi } from "../../lib/use-api.ts";
import type { FormState } from "./form-state.ts";

export interface Direction {
  /** Label of the latent; null for a contrast. */
  label: string | null;
  /** Dose of strength 1; null where it is not known. */
  dosePerStrength: number | null;
}

/** Contrast vectors have the length 1, so any latent's norm tells their dose. */
export function useDirection(form: Pick<FormState, "by" | "latent">, sae: Playground["sae"]): Direction {
  const isContrast = form.by === "contrast";
  const latent = isContrast ? 0 : form.latent;
  const { data } = useApi({
    path: apiPath`/api/saes/${sae?.id ?? ""}/latents/${latent ?? 0}`,
    schema: latentDetailSchema,
    enabled: sae !== null && latent !== undefined && latent < sae.latents,
  });
  if (data === undefined) return { label: null, dosePerStrength: null };
  return isContrast
    ? { label: null, dosePerStrength: doseOfUnit(data) }
    : { label: data.label, dosePerStrength: data.dosePerStrength };
}

function doseOfUnit({ dosePerStrength, decoderNorm }: LatentDetail): number | null {
  return dosePerStrength === null || decoderNorm === null || decoderNorm <= 0
    ? null
    : dosePerStrength / decoderNorm;
}
