/**
 * What the rest of the program sees of an SAE, whatever its format on disk.
 * Everything is synchronous after opening, because a steering hook can't await.
 * Arrays that are returned are shared and must not be written to.
 */
import { CountersteerError } from "../errors.ts";

export type Architecture = "standard" | "topk" | "jumprelu";

export interface DictionaryFacts {
  /** The absolute path that was opened. */
  path: string;
  format: "saelens";
  architecture: Architecture;
  dModel: number;
  latents: number;
  /** Latents active at once; null unless TopK. */
  k: number | null;
  /** Block whose output the SAE was trained on; null if the file does not say. */
  layer: number | null;
  hookName: string | null;
  modelName: string | null;
  /** True if the encoder sees `h - b_dec`. */
  applyBDecToInput: boolean;
}

/** A latent index outside `[0, latents)` throws LATENT_UNKNOWN; a weight that is not finite, SAE_UNREADABLE. */
export interface Dictionary extends Readonly<DictionaryFacts> {
  /** SHA-256 (hex) of configuration and weights. */
  hash(): string;
  /** Decoder direction `d_k`, `[d_model]`, as stored (not normalised). */
  direction(latent: number): Float32Array;
  /** Encoder row `w_k`, `[d_model]`. */
  encoderRow(latent: number): Float32Array;
  encoderBias(latent: number): number;
  /** `b` of `pre = w_k . h + b`: the encoder bias, less `b_dec . w_k` if the encoder sees `h - b_dec`. */
  effectiveBias(latent: number): number;
  /** The effective bias of every latent, `[latents]`. Reads the whole encoder. */
  effectiveBiases(): Float32Array;
  /** 0 unless JumpReLU. */
  threshold(latent: number): number;
  /** Decoder bias, `[d_model]`. */
  bDec(): Float32Array;
  /** Every encoder row, `[latents, d_model]` row-major. */
  encoderMatrix(): Float32Array;
  close(): void;
}

/** Throws LATENT_UNKNOWN unless `latent` is an index of the dictionary. */
export function checkLatent({ facts, latent }: { facts: DictionaryFacts; latent: number }): void {
  if (Number.isInteger(latent) && latent >= 0 && latent < facts.latents) return;
  throw new CountersteerError("LATENT_UNKNOWN", {
    what: `${facts.path} has no latent ${latent}.`,
    why: `Its latents are 0 to ${facts.latents - 1}.`,
    todo: "Choose an index in this range, or another SAE.",
    facts: { path: facts.path, latent, latents: facts.latents },
  });
}
