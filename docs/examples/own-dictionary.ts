/**
 * A dictionary of your own directions, in SAELens' format: `--sae` takes the folder, and so does every program that reads SAELens.
 * Here are eight random directions; put probes, principal components or differences of means in their place.
 * `npx node docs/examples/own-dictionary.ts FOLDER`
 */
import { createRng, memoryDictionary, writeSaelens } from "../../src/index.ts";

export async function writeOwnDictionary({ path }: { path: string }): Promise<void> {
  const [latents, dModel] = [8, 576];
  const rng = createRng({ seed: 1 });
  const directions = new Float32Array(latents * dModel);
  for (let at = 0; at < directions.length; at += dModel) {
    const row = Array.from({ length: dModel }, () => rng.next() - 0.5);
    const norm = Math.hypot(...row);
    directions.set(
      row.map((value) => value / norm),
      at,
    );
  }
  const dictionary = memoryDictionary({
    facts: {
      architecture: "standard",
      k: null,
      layer: 15,
      hookName: null,
      modelName: "HuggingFaceTB/SmolLM2-135M-Instruct",
      applyBDecToInput: false,
    },
    weights: {
      // row by row: what a latent reads, and what it writes
      encoder: directions,
      decoder: directions,
      encoderBias: new Float32Array(latents),
      decoderBias: new Float32Array(dModel),
    },
  });
  await writeSaelens({ dictionary, path });
}

if (import.meta.main) {
  const [path = "my-directions"] = process.argv.slice(2);
  await writeOwnDictionary({ path });
}
