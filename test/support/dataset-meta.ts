/** What lies beside a data set, for tests of what reads it. */
import type { DatasetMeta } from "../../src/finetune/data/meta.ts";

export function datasetMeta({
  training,
  evaluation,
  saeHash = "sae-hash",
}: {
  /** Latents that steered; none has no SAE. */
  training: number[];
  evaluation: number[];
  saeHash?: string;
}): DatasetMeta {
  return {
    version: 1,
    source: "own",
    seed: 0,
    model: null,
    writer: null,
    sae: training.length === 0 ? null : { path: "/sae", hash: saeHash, layer: 15 },
    prompts: { train: ["How do I paint a fence?"], validation: ["How do I wash a car?"] },
    latents: { training, evaluation, near: 0 },
    doses: [],
    meanNorm: null,
    acknowledgements: { trained: ["a01"], heldOut: ["h01"] },
    counts: { selfCorrection: { train: 1, validation: 0 }, normal: { train: 0, validation: 1 } },
    tallies: {},
    contamination: { evaluationPrompts: 0, evaluationLatents: 0, heldOutAcknowledgements: 0, found: 0 },
    costUsd: null,
  };
}
