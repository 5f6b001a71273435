/** Which tokens the decoder directions of a dictionary promote and suppress: the direct path through the final norm and the unembedding. */
import type { TokenRanks } from "../engine/llama/rank-table.ts";
import type { Unembedding } from "../engine/llama/unembedding.ts";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "../sae/dictionary.ts";

export interface PromotedTokensOptions {
  unembedding: Unembedding;
  dictionary: Dictionary;
  /** @default all */
  latents?: readonly number[] | undefined;
  /** Tokens of each list. @default 10 */
  count?: number;
  signal?: AbortSignal | undefined;
  /** Called with the share that is done, 0-1. */
  onProgress?: ((share: number) => void) | undefined;
}

/** Directions whose product is under way at once: 64 MiB of numbers at most. */
const DIRECTION_NUMBERS = 2 ** 24;

export interface PromotedTokens {
  promoted: Int32Array;
  suppressed: Int32Array;
}

/** Token ids of each latent, in the order of `latents`. Throws SAE_MISMATCH where the widths differ, and what the unembedding throws. */
export async function promotedTokens({
  unembedding,
  dictionary,
  latents = Array.from({ length: dictionary.latents }, (_, latent) => latent),
  count = 10,
  signal,
  onProgress,
}: PromotedTokensOptions): Promise<PromotedTokens[]> {
  const { dModel } = dictionary;
  if (unembedding.dModel !== dModel) {
    throw new CountersteerError("SAE_MISMATCH", {
      what: `${dictionary.path} has ${dModel} numbers a row, and the model ${unembedding.dModel}.`,
      why: "Its directions can't be put through this model's unembedding.",
      todo: "Give the model that the SAE was trained on.",
      facts: { path: dictionary.path, dModel, modelDModel: unembedding.dModel },
    });
  }
  const batch = Math.max(1, Math.floor(DIRECTION_NUMBERS / dModel));
  const found: PromotedTokens[] = [];
  for (let start = 0; start < latents.length; start += batch) {
    const some = latents.slice(start, start + batch);
    const directions = new Float32Array(some.length * dModel);
    some.forEach((latent, i) => {
      directions.set(dictionary.direction(latent), i * dModel);
    });
    const ranks: TokenRanks = await unembedding.rankTokens({
      directions,
      count,
      signal,
      onProgress: (share) => onProgress?.((start + share * some.length) / latents.length),
    });
    some.forEach((_, i) => {
      found.push({
        promoted: ranks.promoted.slice(i * count, (i + 1) * count),
        suppressed: ranks.suppressed.slice(i * count, (i + 1) * count),
      });
    });
  }
  return found;
}
