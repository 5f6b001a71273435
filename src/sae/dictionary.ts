/**
 * What the rest of the program sees of an SAE, whatever its format on disk.
 * Everything is synchronous after opening, because a steering hook can't await.
 * Arrays that are returned are shared and must not be written to, unless they are said to be fresh.
 */
import { CountersteerError } from "../errors.ts";
import type { FloatDtype } from "./float-bits.ts";

/**
 * How latent values come from pre-activations `pre_k = w_k . h + b_k`.
 * standard: ReLU. topk: ReLU of the k largest. jumprelu: `pre` where it is above the latent's threshold.
 * gated: `ReLU(exp(r_k) (pre_k - b_gate) + b_mag)` where `pre_k`, the gate, is above 0 (arXiv 2404.16014, section 3).
 */
export type Architecture = "standard" | "topk" | "jumprelu" | "gated";

export type DictionaryFormat =
  | "saelens"
  | "gemma-scope"
  | "gemma-scope-2"
  | "goodfire"
  | "sparsify"
  /** Never stored. */
  | "memory";

export interface DictionaryFacts {
  /** The absolute path that was opened, a folder or a file. */
  path: string;
  format: DictionaryFormat;
  /** Absolute paths of what was read; the hash is over these. */
  files: readonly string[];
  architecture: Architecture;
  /** The widest type that the weights are stored in. */
  dtype: FloatDtype;
  /** Weights differ from the stored ones: norms or scales were folded into them. */
  folded: boolean;
  dModel: number;
  latents: number;
  /** Latents active at once; null unless TopK. */
  k: number | null;
  /** Block whose output the SAE was trained on; null if neither the files nor their names say. */
  layer: number | null;
  /** In TransformerLens' words, for example `blocks.15.hook_resid_post`. */
  hookName: string | null;
  modelName: string | null;
  /** True if the encoder sees `h - b_dec`. */
  applyBDecToInput: boolean;
}

/** A block of latents. */
export interface LatentBlock {
  first: number;
  count: number;
}

/** The second half of a gated latent: its value is `ReLU(exp(logScale) (pre - encoderBias) + bias)`. */
export interface Magnitudes {
  /** `b_mag`, `[latents]` */
  bias: Float32Array;
  /** `r_mag`, `[latents]` */
  logScale: Float32Array;
}

/** A latent index outside `[0, latents)` throws LATENT_UNKNOWN; a weight that is not finite, SAE_UNREADABLE. */
export interface Dictionary extends Readonly<DictionaryFacts> {
  /** SHA-256 (hex) of configuration and weights. */
  hash(): string;
  /** Decoder direction `d_k`, `[d_model]`, not normalised. */
  direction(latent: number): Float32Array;
  /** Encoder row `w_k`, `[d_model]`. */
  encoderRow(latent: number): Float32Array;
  /** Reads what `direction` of these latents will answer, in one sweep over the file. */
  prefetchDirections(latents: readonly number[]): void;
  /** Reads what `encoderRow` of these latents will answer, in one sweep over the file. */
  prefetchEncoder(latents: readonly number[]): void;
  /** Decoder directions of a block, `[count, d_model]`, fresh. */
  directionBlock(block: LatentBlock): Float32Array;
  /** Encoder rows of a block, `[count, d_model]`, fresh. */
  encoderBlock(block: LatentBlock): Float32Array;
  /** Every encoder bias, `[latents]`; `b_gate` of a gated SAE. */
  encoderBiases(): Float32Array;
  encoderBias(latent: number): number;
  /** `b` of `pre = w_k . h + b`: the encoder bias, less `b_dec . w_k` if the encoder sees `h - b_dec`. */
  effectiveBias(latent: number): number;
  /** The effective bias of every latent, `[latents]`. Reads the whole encoder. */
  effectiveBiases(): Float32Array;
  /** Every threshold, `[latents]`; null unless JumpReLU. */
  thresholds(): Float32Array | null;
  /** 0 unless JumpReLU. */
  threshold(latent: number): number;
  /** null unless gated. */
  magnitudes(): Magnitudes | null;
  /** `f_k` from its pre-activation, as if the dictionary held no other latent: what a TopK makes of the others is not in it. */
  valueOf(latent: number, pre: number): number;
  /** Decoder bias, `[d_model]`. */
  bDec(): Float32Array;
  /** Every encoder row, `[latents, d_model]` row-major. */
  encoderMatrix(): Float32Array;
  close(): void;
}

/** Throws LATENT_UNKNOWN unless `latent` is an index of the dictionary. */
export function checkLatent({
  facts,
  latent,
}: {
  facts: Pick<DictionaryFacts, "path" | "latents">;
  latent: number;
}): void {
  if (Number.isInteger(latent) && latent >= 0 && latent < facts.latents) return;
  throw new CountersteerError("LATENT_UNKNOWN", {
    what: `${facts.path} has no latent ${latent}.`,
    why: `Its latents are 0 to ${facts.latents - 1}.`,
    todo: "Choose an index in this range, or another SAE.",
    facts: { path: facts.path, latent, latents: facts.latents },
  });
}
