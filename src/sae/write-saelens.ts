/**
 * Writes a dictionary in SAELens' format, block by block: of a dictionary that is larger than memory only some latents are held at once.
 * Whatever was folded on reading stays folded, so that what is written needs no setting that another reader could miss.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { throwIfAborted } from "../model/aborted.ts";
import { writeAll, writeWholeFile } from "../model/whole-file.ts";
import type { Dictionary } from "./dictionary.ts";
import { bytesOfFloat } from "./float-bits.ts";
import { blockOfHook } from "./hook-name.ts";
import { Narrowing, type Rounding, type WriteDtype } from "./narrow.ts";
import { CONFIG, WEIGHTS } from "./saelens.ts";
import type { Dtype } from "./safetensors-header.ts";
import { safetensorsLayout } from "./safetensors-layout.ts";
import { transposeInto } from "./transpose.ts";

/** The SAELens whose layout is written; readers take defaults from it. */
const SAELENS_VERSION = "6.54.12";
/** Weights of a matrix that are held at once. */
const BLOCK_WEIGHTS = 8 * 2 ** 20;
const STORED: Readonly<Record<WriteDtype, Dtype>> = { float32: "F32", float16: "F16", bfloat16: "BF16" };

export interface WriteSaelensOptions {
  dictionary: Dictionary;
  /** The folder; made if there is none. A dictionary in SAELens' format that lies in it is replaced. */
  path: string;
  /** @default the narrowest that loses nothing: the type that is stored, float32 where something was folded */
  dtype?: WriteDtype | undefined;
  /** Goes into `metadata` of the configuration. */
  metadata?: Record<string, unknown>;
  onProgress?: ((done: number, latents: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface WrittenSaelens extends Rounding {
  path: string;
  files: string[];
  dtype: WriteDtype;
}

function exactDtype({ dtype, folded }: Dictionary): WriteDtype {
  return folded || dtype === "float64" ? "float32" : dtype;
}

function configOf({
  dictionary,
  dtype,
  metadata,
}: {
  dictionary: Dictionary;
  dtype: WriteDtype;
  metadata: Record<string, unknown>;
}): Record<string, unknown> {
  const { architecture, k, dModel, latents, layer, hookName, modelName, applyBDecToInput } = dictionary;
  const block = hookName === null ? layer : (blockOfHook(hookName) ?? layer);
  return {
    architecture,
    d_in: dModel,
    d_sae: latents,
    dtype,
    device: "cpu",
    apply_b_dec_to_input: applyBDecToInput,
    normalize_activations: "none",
    reshape_activations: "none",
    ...(architecture === "topk" ? { k, rescale_acts_by_decoder_norm: false } : {}),
    metadata: {
      sae_lens_version: SAELENS_VERSION,
      ...(modelName === null ? {} : { model_name: modelName }),
      ...(hookName === null ? {} : { hook_name: hookName }),
      ...(block === null ? {} : { hook_layer: block }),
      ...metadata,
    },
  };
}

/** Vectors by their name in the file. */
function vectorsOf(dictionary: Dictionary): Record<string, Float32Array> {
  const thresholds = dictionary.thresholds();
  const magnitudes = dictionary.magnitudes();
  return {
    b_dec: dictionary.bDec(),
    [magnitudes === null ? "b_enc" : "b_gate"]: dictionary.encoderBiases(),
    ...(magnitudes === null ? {} : { b_mag: magnitudes.bias, r_mag: magnitudes.logScale }),
    ...(thresholds === null ? {} : { threshold: thresholds }),
  };
}

/** Throws SAE_UNREADABLE, SAE_UNSUPPORTED for a number that `dtype` can't hold, DISK_FULL or ABORTED. Until it is through the folder holds no dictionary. */
export async function writeSaelens({
  dictionary,
  path,
  dtype = exactDtype(dictionary),
  metadata = {},
  onProgress,
  signal,
}: WriteSaelensOptions): Promise<WrittenSaelens> {
  const folder = resolve(path);
  const weightsPath = join(folder, WEIGHTS);
  const configPath = join(folder, CONFIG);
  const { dModel, latents } = dictionary;
  const vectors = vectorsOf(dictionary);
  const size = bytesOfFloat(dtype);
  const stored = STORED[dtype];
  const { header, begins } = safetensorsLayout({
    tensors: {
      W_dec: { dtype: stored, shape: [latents, dModel] },
      W_enc: { dtype: stored, shape: [dModel, latents] },
      ...Object.fromEntries(
        Object.entries(vectors).map(([name, { length }]) => [name, { dtype: stored, shape: [length] }]),
      ),
    },
  });
  const narrowing = new Narrowing({ path: folder, dtype });
  const positionOf = (name: string) => begins.get(name) ?? 0;
  await mkdir(folder, { recursive: true });
  await rm(configPath, { force: true });
  await writeWholeFile({
    path: weightsPath,
    async write(file) {
      await writeAll({ file, bytes: header, position: 0 });
      for (const [name, values] of Object.entries(vectors)) {
        const bytes = narrowing.bytes({ name, values });
        await writeAll({ file, bytes, position: positionOf(name) });
      }
      const step = Math.max(1, Math.floor(BLOCK_WEIGHTS / dModel));
      for (let first = 0; first < latents; first += step) {
        throwIfAborted({ signal, what: "The conversion" });
        const count = Math.min(step, latents - first);
        const directions = narrowing.bytes({
          name: "W_dec",
          values: dictionary.directionBlock({ first, count }),
        });
        await writeAll({ file, bytes: directions, position: positionOf("W_dec") + first * dModel * size });
        const columns = new Float32Array(count * dModel);
        transposeInto({
          source: dictionary.encoderBlock({ first, count }),
          rows: count,
          columns: dModel,
          target: columns,
          targetColumns: count,
          at: 0,
        });
        const bytes = narrowing.bytes({ name: "W_enc", values: columns });
        const rowsTogether = count === latents ? dModel : 1;
        for (let row = 0; row < dModel; row += rowsTogether) {
          const part = bytes.subarray(row * count * size, (row + rowsTogether) * count * size);
          await writeAll({
            file,
            bytes: part,
            position: positionOf("W_enc") + (row * latents + first) * size,
          });
        }
        onProgress?.(first + count, latents);
      }
    },
  });
  const config = configOf({ dictionary, dtype, metadata });
  await writeWholeFile({
    path: configPath,
    write: (file) => writeAll({ file, bytes: Buffer.from(`${JSON.stringify(config, null, 2)}\n`) }),
  });
  return { path: folder, files: [configPath, weightsPath], dtype, ...narrowing.rounding() };
}
