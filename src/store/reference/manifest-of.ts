/** The manifest of an imported run: what the files state, and for everything else that it is unknown (METHOD.md 7.1, "not recorded"). */
import { canonicalHash } from "../canonical-json.ts";
import { type Manifest, promptSetHash } from "../manifest.ts";
import type { ReferenceFile } from "./read-file.ts";

/** Attempts that were found in the response; and all of them, as they were given. */
export const STRICT_JUDGE = "reference/1";
export const RAW_JUDGE = "reference-raw/1";

/** What no result file says. */
export const UNKNOWN = [
  "weights",
  "chat template",
  "SAE",
  "layer",
  "temperature and top-p",
  "repetition penalty",
  "the judge's prompt and temperature",
  "finish reasons",
  "token counts",
  "times",
  "the seed of latents and prompts",
  "versions of the packages",
] as const;

/** Whether a run was imported: it has no settings of ours that it could go on with. */
export function isImported({ config }: Pick<Manifest, "config">): boolean {
  return config.imported === true;
}

export interface ManifestOptions {
  files: readonly [ReferenceFile, ...ReferenceFile[]];
  /** From `importId`. */
  id: string;
  /** Every prompt of the run; null takes the files' statement of which prompts they used. */
  prompts: readonly string[] | null;
  packageVersion: string;
  now: Date;
}

/** Two imports of the same files have the same; any two other imports have different ones, for what is unknown can't be called equal. */
export function importId(files: readonly ReferenceFile[]): string {
  return canonicalHash(files.map(({ sha256 }) => sha256).toSorted()).slice(0, 12);
}

/** Settings are those of the first file. */
export function importManifest({ files, id, prompts, packageVersion, now }: ManifestOptions): Manifest {
  const [{ data, named, judgeFolder }] = files;
  const stated = data.experiment_config;
  const unknown = `unknown:${id}`;
  const model = stated.model_name ?? named?.model ?? "unknown";
  const target = stated.target_score_normalized ?? null;
  const describe = {
    model: stated.judge_model_name ?? null,
    folder: judgeFolder,
    prompt: unknown,
    temperature: null,
  };
  return {
    design: "imported",
    preset: null,
    config: { imported: true, files: files.map(provenanceOf), unknown: [...UNKNOWN], margin: 0 },
    createdAt: now.toISOString(),
    packageVersion,
    gitCommit: null,
    nodeVersion: process.version,
    engine: { imported: true },
    model: {
      path: model,
      fileHash: `${unknown}:${model}`,
      architecture: model.split("/").at(-1) || model,
      weightType: "unknown",
      weightMode: "unknown",
      layers: null,
      dModel: null,
    },
    templateHash: unknown,
    sae: { path: "unknown", hash: unknown, layer: null, latents: null },
    prompts: {
      evaluation: prompts === null ? canonicalHash(stated.prompts_file ?? null) : promptSetHash(prompts),
      heldOut: null,
    },
    judge: { id: STRICT_JUDGE, describe, hash: canonicalHash(describe) },
    sampling: {
      maxTokens: stated.max_completion_tokens ?? null,
      temperature: null,
      topP: null,
      repetitionPenalty: null,
      source: unknown,
    },
    layer: null,
    // the reference's scale is 0-1, and 0.3 is no binary fraction
    target: target === null ? null : Math.round(target * 1e8) / 1e6,
    seed: null,
  };
}

function provenanceOf({ name, path, sha256, named, judgeFolder, data }: ReferenceFile) {
  const stated = Object.entries(data.experiment_config).filter(
    ([, value]) => value === null || ["string", "number", "boolean"].includes(typeof value),
  );
  return {
    name,
    path,
    sha256,
    date: named?.date ?? null,
    time: named?.time ?? null,
    suffix: named?.suffix ?? null,
    partial: named?.partial ?? false,
    judgeFolder,
    // only null, texts, numbers and booleans are left
    stated: Object.fromEntries(stated) as Record<string, string | number | boolean | null>,
    boostLevels: data.boost_levels ?? null,
    ablated: data.ablated_latents ?? null,
  };
}
