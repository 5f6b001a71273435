/** An intervention made ready for the hook, whatever its edits are: vectors looked up, receipts counted. */
import type { Positions, Receipt } from "../engine.ts";
import type { LatentReader } from "./latent-reader.ts";

export interface ApplyOptions {
  /** `[rows, d_model]` */
  rows: Float32Array;
  index: number;
  dModel: number;
  /** On which side the row counts in the receipt. */
  isPrompt: boolean;
  /** f_k(h) of a clamped latent at the unedited row. */
  clampedValue: (reader: LatentReader, latent: number) => number;
  /** `decode(encode(h))` of the unedited row, `[d_model]`; null where the plan does not reconstruct. */
  reconstruction: Float32Array | null;
}

export interface RowPlan {
  readonly layer: number;
  readonly positions: Positions;
  /** Latents whose values `apply` needs, by their reader. */
  clampedLatents(): Map<LatentReader, number[]>;
  /** The dictionary whose reconstruction `apply` needs. */
  readonly reconstructs: LatentReader | null;
  /** Edits row `index` of `rows` in place. */
  apply(options: ApplyOptions): void;
  receipt(): Receipt;
  /** Counts what `other`, of an equal intervention, has counted: its rows are this plan's rows, too. */
  adopt(other: RowPlan): void;
}
