/** Examples for the cell `lora-training`: windows of WordNet's glosses whose last part is trained, in batches of nearly equal lengths. */
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import type { TokenisedExample } from "../src/finetune/types.ts";
import { cacheDir } from "../src/model/cache-dir.ts";
import { createRng } from "../src/stats/rng.ts";
import { shuffle } from "../src/stats/shuffle.ts";
import { glosses } from "./training-rows.ts";

/** Share of an example's tokens that has loss. */
const TRAINED = 0.45;
const CHARACTERS_A_TOKEN = 6;

export interface LoraBatches {
  steps: number;
  /** Examples of a step. */
  batch: number;
  /** Tokens of an example. */
  lengths: readonly [least: number, most: number];
}

/** The batches of every plan, over different text. */
export async function loraBatches({
  model,
  plans,
}: {
  model: string;
  plans: readonly LoraBatches[];
}): Promise<TokenisedExample[][][]> {
  const rng = createRng({ seed: 5 });
  const lengths = plans.map(({ steps, batch, lengths: [least, most] }) =>
    Array.from({ length: steps * batch }, () => least + rng.below(most - least + 1)).sort((a, b) => b - a),
  );
  const total = lengths.flat().reduce((sum, length) => sum + length, 0);
  const engine = await openLlamaEngine({ model, weights: "as-is", cacheDir: cacheDir() });
  const tokens = await engine
    .tokenize(glosses().slice(0, total * CHARACTERS_A_TOKEN))
    .finally(() => engine.close());
  if (tokens.length < total) throw new Error(`the text has only ${tokens.length} of ${total} tokens`);
  let at = 0;
  return plans.map(({ steps, batch }, plan) => {
    const examples = (lengths[plan] ?? []).map((length, index) => {
      const own = Int32Array.from(tokens.slice(at, at + length));
      at += length;
      const first = Math.floor(length * (1 - TRAINED));
      return {
        id: `${plan} ${index}`,
        tokens: own,
        trained: Uint8Array.from(own, (_, i) => Number(i >= first)),
      };
    });
    const batches = Array.from({ length: steps }, (_, step) =>
      examples.slice(step * batch, (step + 1) * batch),
    );
    return shuffle(batches, rng);
  });
}
