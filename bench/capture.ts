/**
 * Cell `capture`: residual rows behind one block, a second, of sequences of one length; ours against transformers with a hook that ends the
 * forward pass there. That both read the same rows is checked on the way.
 */
import os from "node:os";
import { performance } from "node:perf_hooks";
import type { Engine } from "../src/engine/engine.ts";
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import { cacheDir as defaultCacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import type { Cell } from "./cell.ts";
import { interleave, type Variant } from "./interleave.ts";
import { requirePeers } from "./peers/environment.ts";
import { HfPeer } from "./peers/hf-peer.ts";
import { glosses } from "./training-rows.ts";
import { CAPTURE_VARIANTS } from "./variant-names.ts";

const MODEL = "smollm2-135m";
const LAYER = 15;
const FULL = { sequences: 32, length: 128, repetitions: 5 };
const SMOKE = { sequences: 2, length: 16, repetitions: 1 };
/** Least cosine between our bf16 row and the peer's. */
const ALIKE = 0.999;

export const measureCapture: Cell = async ({ smoke, log }) => {
  const { versions } = requirePeers();
  const { sequences, length, repetitions } = smoke ? SMOKE : FULL;
  const cores = os.availableParallelism();
  const cacheDir = defaultCacheDir();
  const model = (await resolveModel({ model: MODEL, cacheDir })).path;
  const opened: { close: () => Promise<void> }[] = [];
  try {
    const open = async (fastType: "q4_0" | "bf16") => {
      const engine = await openLlamaEngine({
        model,
        weights: "fast",
        fastType,
        cacheDir,
        workers: cores,
        threads: 1,
      });
      opened.push(engine);
      return engine;
    };
    const [fast, bf16] = [await open("q4_0"), await open("bf16")];
    const direction = new Float32Array(fast.info.dModel);
    const peer = await HfPeer.open({
      gguf: model,
      dtype: "bf16",
      threads: cores,
      layer: LAYER,
      strength: 0,
      direction,
    });
    opened.push(peer);
    const text = await fast.tokenize(glosses().slice(0, sequences * length * 6));
    const cut = Array.from({ length: sequences }, (_, i) => text.slice(i * length, (i + 1) * length));
    const difference = await leastCosine({ engine: bf16, peer, sequences: cut });
    const variants: Variant[] = [
      { name: CAPTURE_VARIANTS.fast, run: () => capture({ engine: fast, sequences: cut }) },
      { name: CAPTURE_VARIANTS.equalWeights, run: () => capture({ engine: bf16, sequences: cut }) },
      {
        name: CAPTURE_VARIANTS.peer,
        run: async () => {
          const { tokens, seconds } = await peer.capture({ sequences: cut });
          return { tokens, seconds, rowsEdited: 0 };
        },
      },
    ];
    const common = { group: "capture", rows: sequences, newTokens: length, warmUpTokens: length, log };
    return {
      libraries: { "llama.cpp": String(fast.build.llamaCpp), ...versions },
      settings: { model: MODEL, layer: LAYER, length, threads: cores, cosine: difference },
      runs: await interleave({ ...common, repetitions, variants }),
    };
  } finally {
    for (const each of opened) await each.close();
  }
};

async function capture({ engine, sequences }: { engine: Engine; sequences: readonly Int32Array[] }) {
  const requests = sequences.map((tokens, i) => ({
    id: String(i),
    tokens,
    layer: LAYER,
    what: { kind: "rows" as const },
  }));
  const began = performance.now();
  let tokens = 0;
  for await (const { rows } of engine.capture(requests)) tokens += rows;
  return { tokens, seconds: (performance.now() - began) / 1000, rowsEdited: 0 };
}

/** Between our last row of the first sequence and the peer's. Throws where they are not the same row. */
async function leastCosine({
  engine,
  peer,
  sequences,
}: {
  engine: Engine;
  peer: HfPeer;
  sequences: readonly Int32Array[];
}): Promise<number> {
  const [tokens = new Int32Array()] = sequences;
  const request = { id: "first", tokens, layer: LAYER, what: { kind: "rows" as const } };
  let ours = new Float32Array();
  for await (const { values, columns } of engine.capture([request])) ours = values.slice(-columns);
  const { last } = await peer.capture({ sequences });
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
  const cosine = dot(ours, last) / Math.sqrt(dot(ours, ours) * dot(last, last));
  if (!(cosine > ALIKE)) throw new Error(`Ours and the peer's row have a cosine of ${cosine}.`);
  return cosine;
}
