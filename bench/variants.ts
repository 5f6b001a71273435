/** What is timed: the same steered sampling by our engine and by the peer. A run that was not steered as asked is an error, not a number. */
import { performance } from "node:perf_hooks";
import type { Engine, GenerationRequest, Intervention } from "../src/engine/engine.ts";
import type { Sample, Variant } from "./interleave.ts";
import type { HfPeer } from "./peers/hf-peer.ts";

export interface SteeredTask {
  /** Token ids of the prompt, the same for every row and both sides. */
  tokens: Int32Array;
  sae: string;
  latent: number;
  layer: number;
  strength: number;
  temperature: number;
  repetitionPenalty: number;
}

export interface OurVariantOptions {
  name: string;
  engine: Engine;
  task: SteeredTask;
  steered: boolean;
}

/** Wall time from the call to its last result; tokens without the end token, so an answer that ends early counts for less. */
export function ourVariant({ name, engine, task, steered }: OurVariantOptions): Variant {
  const { tokens, sae, latent, layer, strength, temperature, repetitionPenalty } = task;
  const intervention: Intervention = {
    layer,
    edits: [{ kind: "add", direction: { sae, latent }, strength }],
    positions: { kind: "all" },
  };
  return {
    name,
    run: async ({ rows, newTokens, seed }) => {
      const sampling = {
        temperature,
        repetitionPenalty,
        topP: 1,
        topK: 0,
        minP: 0,
        maxTokens: newTokens,
        stop: [],
      };
      const requests: GenerationRequest[] = Array.from({ length: rows }, (_, row) => ({
        id: `row ${row}`,
        tokens,
        sampling: { ...sampling, seed: seed * 1000 + row },
        ...(steered ? { intervention } : {}),
      }));
      const sample: Sample = { tokens: 0, seconds: 0, rowsEdited: 0 };
      const began = performance.now();
      for await (const generation of engine.generate(requests)) {
        sample.tokens += generation.tokens.length;
        sample.rowsEdited += generation.receipt?.rowsEdited ?? 0;
      }
      sample.seconds = (performance.now() - began) / 1000;
      checkSteered({ name, steered, sample });
      return sample;
    },
  };
}

/** Time of `model.generate` alone, by the peer's own clock: what passes between the processes is not charged to it. */
export function peerVariant({
  name,
  peer,
  task,
}: {
  name: string;
  peer: HfPeer;
  task: SteeredTask;
}): Variant {
  const { tokens, temperature, repetitionPenalty } = task;
  return {
    name,
    run: async ({ rows, newTokens, seed }) => {
      const request = { tokens, temperature, repetitionPenalty, rows, newTokens, seed, steered: true };
      const { tokens: generated, seconds, rowsEdited } = await peer.generate(request);
      const sample = { tokens: generated, seconds, rowsEdited };
      checkSteered({ name, steered: true, sample });
      return sample;
    },
  };
}

function checkSteered({ name, steered, sample }: { name: string; steered: boolean; sample: Sample }): void {
  if (steered !== sample.rowsEdited > 0) {
    throw new Error(
      `${name}: ${sample.rowsEdited} rows were edited, though steering was ${steered ? "on" : "off"}.`,
    );
  }
}
