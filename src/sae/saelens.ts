/** Dictionaries as SAELens 6 writes them: a folder with `cfg.json` and `sae_weights.safetensors`. */
import { join, resolve } from "node:path";
import type { Dictionary, DictionaryFacts } from "./dictionary.ts";
import { hashFiles } from "./hash-files.ts";
import { readSaelensConfig } from "./saelens-config.ts";
import { openSafetensors, type Safetensors } from "./safetensors.ts";
import { unreadable } from "./safetensors-header.ts";
import { transposeInto } from "./transpose.ts";
import { dictionaryOver } from "./weight-dictionary.ts";

/** Rows of `W_enc` held at once while it is transposed. */
const ROWS_AT_ONCE = 256;

function checkShapes({ file, facts }: { file: Safetensors; facts: DictionaryFacts }): void {
  const { dModel, latents, architecture } = facts;
  const shapes: Record<string, number[]> = {
    W_enc: [dModel, latents],
    W_dec: [latents, dModel],
    b_enc: [latents],
    b_dec: [dModel],
    ...(architecture === "jumprelu" ? { threshold: [latents] } : {}),
  };
  for (const [name, expected] of Object.entries(shapes)) {
    const { shape } = file.info(name);
    if (shape.length !== expected.length || shape.some((size, i) => size !== expected[i])) {
      throw unreadable({
        path: file.path,
        why: `Tensor "${name}" has the shape [${shape.join(", ")}]; cfg.json asks for [${expected.join(", ")}].`,
        facts: { tensor: name, shape, expected },
      });
    }
  }
}

function readEncoder({ file, facts }: { file: Safetensors; facts: DictionaryFacts }): Float32Array {
  const { dModel, latents } = facts;
  const matrix = new Float32Array(latents * dModel);
  for (let row = 0; row < dModel; row += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, dModel - row);
    const source = file.readRows({ name: "W_enc", row, count: rows });
    transposeInto({ source, rows, columns: latents, target: matrix, targetColumns: dModel, at: row });
  }
  return matrix;
}

/** @param path the folder. Throws SAE_UNREADABLE, or SAE_UNSUPPORTED naming the setting that isn't supported. */
export function openSaelens({ path }: { path: string }): Dictionary {
  const folder = resolve(path);
  const configPath = join(folder, "cfg.json");
  const weightsPath = join(folder, "sae_weights.safetensors");
  const facts: DictionaryFacts = {
    path: folder,
    format: "saelens",
    ...readSaelensConfig({ path: configPath }),
  };
  const file = openSafetensors({ path: weightsPath });
  try {
    checkShapes({ file, facts });
  } catch (error) {
    file.close();
    throw error;
  }
  return dictionaryOver({
    facts,
    source: {
      hash: () => hashFiles({ paths: [configPath, weightsPath] }),
      decoderRow: (latent) => file.readRows({ name: "W_dec", row: latent, count: 1 }),
      encoderRow: (latent) => file.readColumn({ name: "W_enc", column: latent }),
      encoderMatrix: () => readEncoder({ file, facts }),
      bEnc: () => file.readTensor("b_enc"),
      bDec: () => file.readTensor("b_dec"),
      thresholds: () => (facts.architecture === "jumprelu" ? file.readTensor("threshold") : null),
      close: () => file.close(),
    },
  });
}
