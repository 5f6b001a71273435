/** Dictionaries as SAELens writes them: a folder with `cfg.json` and `sae_weights.safetensors`. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { checkShape, refuseOthers, tensorOf } from "./check-tensors.ts";
import type { Architecture, Dictionary } from "./dictionary.ts";
import { readJson } from "./read-json.ts";
import { readVector } from "./read-rows.ts";
import { unreadable, unsupported } from "./sae-errors.ts";
import { readSaelensConfig, type SaelensConfig } from "./saelens-config.ts";
import { openSafetensors } from "./safetensors.ts";
import { safetensorsFile } from "./safetensors-file.ts";
import type { TensorFile } from "./stored-tensor.ts";
import { dtypeOf } from "./tensor-dtype.ts";
import { dictionaryOver } from "./weight-dictionary.ts";
import { foldDecoderNorms, foldInputScale, storedWeights, type WeightSource } from "./weight-source.ts";

export const CONFIG = "cfg.json";
export const WEIGHTS = "sae_weights.safetensors";
/** Beside a checkpoint: the factor of `normalize_activations = "expected_average_only_in"`. */
const SCALER = "activation_scaler.json";
const scalerSchema = z.object({ scaling_factor: z.number().positive().nullable() });

/** What the tensors of a training checkpoint amount to when it is saved for inference. */
function inferenceArchitecture({
  config,
  file,
  path,
}: {
  config: SaelensConfig;
  file: TensorFile;
  path: string;
}): Architecture {
  const { architecture } = config;
  if (architecture !== "batchtopk" && architecture !== "matryoshka_batchtopk") return architecture;
  const { rescalesByDecoderNorm: rescales, isScaled } = config;
  // with norms to fold nobody says whether the thresholds of single latents are of before or after
  if (file.tensors.has("threshold") && rescales !== true && !isScaled) return "jumprelu";
  if (file.tensors.has("topk_threshold") && rescales !== null && !isScaled) return "jumprelu";
  throw unsupported({
    path,
    field: "architecture",
    value: architecture,
    known: `${architecture} with the threshold that training estimated, as SAELens saves it for inference`,
  });
}

/** A factor that was stored for a time and is 1 in every dictionary that can be read. */
function refuseScaling({ file }: { file: TensorFile }): void {
  const tensor = file.tensors.get("scaling_factor");
  const other =
    tensor === undefined ? undefined : readVector(tensor).find((factor) => Math.abs(factor - 1) > 1e-5);
  if (other !== undefined) {
    throw unsupported({ path: file.path, field: "scaling_factor", value: other, known: "1" });
  }
}

function weightsOf({
  file,
  config,
  architecture,
  source,
}: {
  file: TensorFile;
  config: SaelensConfig;
  architecture: Architecture;
  /** What shapes are compared with, in words. */
  source: string;
}): WeightSource {
  const { dModel, latents } = config;
  const isCheckpoint = architecture !== config.architecture;
  const hasOneThreshold = isCheckpoint && !file.tensors.has("threshold");
  const shapes: Record<string, number[]> = {
    W_enc: [dModel, latents],
    W_dec: [latents, dModel],
    b_dec: [dModel],
    ...(architecture === "gated"
      ? { b_gate: [latents], b_mag: [latents], r_mag: [latents] }
      : { b_enc: [latents] }),
    ...(architecture === "jumprelu" && !hasOneThreshold ? { threshold: [latents] } : {}),
  };
  for (const [name, expected] of Object.entries(shapes)) checkShape({ file, name, expected, source });
  refuseOthers({
    file,
    names: [...Object.keys(shapes), "scaling_factor", ...(hasOneThreshold ? ["topk_threshold"] : [])],
  });
  refuseScaling({ file });
  const tensor = (name: string) => tensorOf({ file, name });
  const stored = storedWeights({
    encoderIsTransposed: true,
    tensors: {
      encoder: tensor("W_enc"),
      decoder: tensor("W_dec"),
      bEnc: tensor(architecture === "gated" ? "b_gate" : "b_enc"),
      bDec: tensor("b_dec"),
      ...(shapes.threshold === undefined ? {} : { thresholds: tensor("threshold") }),
      ...(architecture === "gated"
        ? { magnitudes: { bias: tensor("b_mag"), logScale: tensor("r_mag") } }
        : {}),
    },
  });
  if (!hasOneThreshold) return stored;
  const threshold = readVector(tensor("topk_threshold"));
  if (threshold.length !== 1) {
    throw unreadable({ path: file.path, why: `Tensor "topk_threshold" holds ${threshold.length} numbers.` });
  }
  return { ...stored, thresholds: () => new Float32Array(latents).fill(threshold[0] ?? 0) };
}

/** The factor by which activations were multiplied before training; null where the weights already hold it. */
function inputScale({ folder, config }: { folder: string; config: SaelensConfig }): number | null {
  if (!config.isScaled) return null;
  const path = join(folder, SCALER);
  const scale = existsSync(path) ? readJson({ path, schema: scalerSchema }).scaling_factor : null;
  if (scale !== null) return scale;
  throw unsupported({
    path: join(folder, CONFIG),
    field: "normalize_activations",
    value: "expected_average_only_in",
    known: `"none", and this one where ${SCALER} lies beside it and gives the factor`,
    todo: "Fold the factor with SAELens (fold_activation_norm_scaling_factor) and save the SAE again.",
  });
}

/** @param path the folder. Throws SAE_UNREADABLE, or SAE_UNSUPPORTED naming the setting that isn't supported. */
export function openSaelens({ path }: { path: string }): Dictionary {
  const folder = resolve(path);
  const configPath = join(folder, CONFIG);
  const weightsPath = join(folder, WEIGHTS);
  const config = readSaelensConfig({ path: configPath });
  const scale = inputScale({ folder, config });
  const file = safetensorsFile({ safetensors: openSafetensors({ path: weightsPath }) });
  try {
    const { dModel, latents, applyBDecToInput, layer, hookName, modelName, k } = config;
    const architecture = inferenceArchitecture({ config, file, path: configPath });
    const stored = weightsOf({ file, config, architecture, source: CONFIG });
    const foldsNorms = config.rescalesByDecoderNorm === true;
    const scaled = scale === null ? stored : foldInputScale({ source: stored, scale });
    return dictionaryOver({
      facts: {
        path: folder,
        format: "saelens",
        files: [configPath, weightsPath, ...(scale === null ? [] : [join(folder, SCALER)])],
        architecture,
        dtype: dtypeOf(file),
        folded: foldsNorms || scale !== null,
        dModel,
        latents,
        k,
        layer,
        hookName,
        modelName,
        applyBDecToInput,
      },
      source: foldsNorms ? foldDecoderNorms({ source: scaled, latents, dModel }) : scaled,
      close: () => file.close(),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}
