/**
 * What `Unembedding` says a direction promotes is what the model says when the direction drowns everything else in its last block: the final
 * norm makes the row's length irrelevant, so that the logits are those of the direction alone.
 */
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { openUnembedding, type Unembedding } from "../../src/engine/llama/unembedding.ts";
import { promotedTokens } from "../../src/latents/promoted-tokens.ts";
import type { Dictionary } from "../../src/sae/dictionary.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { generateOne, openEngine, sampling } from "./support/engine.ts";

const DROWNING = 1e6;
const LATENTS = [0, 3, 50, 479, 1848, 2000, 3000, 4095];

let engine: Engine;
let unembedding: Unembedding;
let dictionary: Dictionary;

beforeAll(async () => {
  // the engine rounds activations where weights are quantised, so the exact weights are compared
  engine = await openEngine({ weights: "exact" });
  unembedding = await openUnembedding({ path: inject("modelPath"), threads: 1 });
  dictionary = openDictionary({ path: "smollm2-135m-instruct.l15.8k" });
});
afterAll(async () => {
  dictionary.close();
  await engine.close();
});

/** The token that the model writes when its last block puts out nothing but the direction. */
async function answerTo(latent: number, sign: 1 | -1): Promise<number | undefined> {
  const { tokens } = await generateOne(engine, {
    tokens: await engine.tokenize("The cat sat on"),
    sampling: sampling({ maxTokens: 1 }),
    intervention: {
      layer: engine.info.layers - 1,
      positions: { kind: "all" },
      edits: [
        { kind: "add", direction: { vector: dictionary.direction(latent) }, strength: sign * DROWNING },
      ],
    },
  });
  return tokens[0];
}

it("names the tokens that the model itself writes", async () => {
  const found = await promotedTokens({ unembedding, dictionary, latents: LATENTS, count: 3 });
  const written = await Promise.all(
    LATENTS.map(async (latent) => ({
      promoted: await answerTo(latent, 1),
      suppressed: await answerTo(latent, -1),
    })),
  );
  expect(
    found.map(({ promoted, suppressed }) => ({ promoted: promoted[0], suppressed: suppressed[0] })),
  ).toEqual(written);
});

it("has the whole vocabulary, by the names that the tokenizer uses", () => {
  expect(unembedding.vocabulary).toBe(engine.info.vocabulary);
  expect(unembedding.tokens).toHaveLength(engine.info.vocabulary);
  expect(unembedding.tokens[2]).toBe("<|im_end|>");
});
