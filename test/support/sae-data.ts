/** The dictionaries in `test/data/sae`, with what SAELens makes of the same rows. */
import { openSafetensors } from "../../src/sae/safetensors.ts";

export const SAE_DATA = "test/data/sae";

/** Path of each dictionary, by the folder that holds its truth. */
export const SAE_FIXTURES: Readonly<Record<string, string>> = {
  standard: `${SAE_DATA}/standard`,
  "standard-nobdec": `${SAE_DATA}/standard-nobdec`,
  topk: `${SAE_DATA}/topk`,
  jumprelu: `${SAE_DATA}/jumprelu`,
  // a BatchTopK as it is saved for inference: a JumpReLU with b_dec applied to the input
  batchtopk: `${SAE_DATA}/batchtopk`,
  gated: `${SAE_DATA}/gated`,
  // norms or a scale that are folded on reading
  "topk-rescaled": `${SAE_DATA}/topk-rescaled`,
  "topk-scaled": `${SAE_DATA}/topk-scaled`,
  "batchtopk-checkpoint": `${SAE_DATA}/batchtopk-checkpoint`,
  "gemma-scope": `${SAE_DATA}/gemma-scope`,
  goodfire: `${SAE_DATA}/goodfire/sae.pt`,
  sparsify: `${SAE_DATA}/sparsify`,
};

/** Ten rows, `[10, 24]`. */
export function saeRows(): Float32Array {
  return openSafetensors({ path: `${SAE_DATA}/x.safetensors` }).readTensor("x");
}

/** Latent values `[10, 96]` and reconstructions `[10, 24]` of these rows. */
export function saeTruth(name: string): { acts: Float32Array; recon: Float32Array } {
  const file = openSafetensors({ path: `${SAE_DATA}/${name}/expected.safetensors` });
  return { acts: file.readTensor("acts"), recon: file.readTensor("recon") };
}

/** The largest difference between two arrays of one length; NaN where one holds it. */
export function furthest(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.NaN;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
