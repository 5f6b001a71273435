/**
 * Cell `steered-sampling`: tokens a second of sampling under an `add` edit, at several numbers of concurrent rows.
 * Group `peer`: ours against transformers with a forward hook. Group `cost`: ours steered against ours unsteered.
 * Every row has the same prompt and its own random stream; the time of a run includes reading the prompt.
 */
import os from "node:os";
import { chatTokens } from "../src/engine/chat-tokens.ts";
import type { Engine } from "../src/engine/engine.ts";
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import { loadPrompts } from "../src/latents/prompt-set.ts";
import { cacheDir as defaultCacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import { assetPath } from "../src/sae/asset-path.ts";
import { openDictionary } from "../src/sae/open-dictionary.ts";
import type { Cell, CellOptions } from "./cell.ts";
import { interleave } from "./interleave.ts";
import { requirePeers } from "./peers/environment.ts";
import { HfPeer } from "./peers/hf-peer.ts";
import type { BenchRun } from "./result.ts";
import { VARIANTS } from "./variant-names.ts";
import { ourVariant, peerVariant, type SteeredTask } from "./variants.ts";

const MODEL = "smollm2-135m";
const SAE = "smollm2-135m-instruct.l15.8k";
const TASK = { layer: 15, latent: 2316, strength: 60, temperature: 0.6, repetitionPenalty: 1.1 };
const FULL = {
  rowCounts: [1, 8, 32],
  newTokens: 100,
  warmUpTokens: 8,
  peerRepetitions: 3,
  costRepetitions: 5,
};
const SMOKE = { rowCounts: [1, 2], newTokens: 6, warmUpTokens: 2, peerRepetitions: 1, costRepetitions: 1 };

export const measureSteeredSampling: Cell = async ({ smoke, log }) => {
  const { versions } = requirePeers();
  const plan = smoke ? SMOKE : FULL;
  const cores = os.availableParallelism();
  const cacheDir = defaultCacheDir();
  const model = (await resolveModel({ model: MODEL, cacheDir })).path;
  const [prompt = ""] = await loadPrompts({ path: assetPath("prompts/evaluation.txt") });
  const dictionary = openDictionary({ path: SAE });
  log("loading transformers");
  const direction = dictionary.direction(TASK.latent);
  const peer = await HfPeer.open({ ...TASK, gguf: model, dtype: "bf16", threads: cores, direction });
  try {
    const common = { model, cacheDir, prompt, sae: dictionary.path, peer, plan, log };
    // a lone row can't be shared out over processes: it takes all threads in one
    const lone = await measurePool({
      ...common,
      rowCounts: plan.rowCounts.filter((rows) => rows === 1),
      workers: 1,
      threads: cores,
    });
    const many = await measurePool({
      ...common,
      rowCounts: plan.rowCounts.filter((rows) => rows > 1),
      workers: cores,
      threads: 1,
    });
    const { rowCounts: _, ...lengths } = plan;
    return {
      libraries: { "llama.cpp": many.llamaCpp, ...versions },
      settings: {
        model: MODEL,
        modelHash: many.modelHash,
        sae: SAE,
        saeHash: dictionary.hash(),
        prompt,
        promptTokens: many.promptTokens,
        ...TASK,
        ...lengths,
        peerThreads: cores,
        loneRowWorkers: 1,
        loneRowThreads: cores,
        workers: cores,
        threads: 1,
      },
      runs: [...lone.runs, ...many.runs],
    };
  } finally {
    await peer.close();
    dictionary.close();
  }
};

interface PoolOptions {
  model: string;
  cacheDir: string;
  prompt: string;
  sae: string;
  peer: HfPeer;
  plan: typeof FULL;
  rowCounts: number[];
  workers: number;
  threads: number;
  log: CellOptions["log"];
}

interface PoolResult {
  runs: BenchRun[];
  llamaCpp: string;
  modelHash: string;
  promptTokens: number;
}

/** Every row count that runs on the same division of the cores into processes and threads. */
async function measurePool(options: PoolOptions): Promise<PoolResult> {
  const { model, cacheDir, prompt, sae, peer, plan, rowCounts, workers, threads, log } = options;
  const opened: Engine[] = [];
  const open = async (fastType: "q4_0" | "bf16"): Promise<Engine> => {
    log(`loading Countersteer ${fastType}, workers ${workers}, threads ${threads}`);
    const engine = await openLlamaEngine({ model, weights: "fast", fastType, cacheDir, workers, threads });
    opened.push(engine);
    return engine;
  };
  try {
    const engines = { fast: await open("q4_0"), bf16: await open("bf16") };
    const tokens = await chatTokens({ engine: engines.fast, messages: [{ role: "user", content: prompt }] });
    const task = { ...TASK, tokens, sae };
    const runs: BenchRun[] = [];
    for (const rows of rowCounts) runs.push(...(await measureRows({ engines, peer, task, plan, rows, log })));
    const { build, info } = engines.fast;
    return { runs, llamaCpp: String(build.llamaCpp), modelHash: info.fileHash, promptTokens: tokens.length };
  } finally {
    for (const engine of opened) await engine.close();
  }
}

interface RowsOptions {
  engines: { fast: Engine; bf16: Engine };
  peer: HfPeer;
  task: SteeredTask;
  plan: typeof FULL;
  rows: number;
  log: CellOptions["log"];
}

async function measureRows({ engines, peer, task, plan, rows, log }: RowsOptions): Promise<BenchRun[]> {
  const { newTokens, warmUpTokens, peerRepetitions, costRepetitions } = plan;
  const common = { rows, newTokens, warmUpTokens, log };
  const against = [
    ourVariant({ name: VARIANTS.fast, engine: engines.fast, task, steered: true }),
    ourVariant({ name: VARIANTS.equalWeights, engine: engines.bf16, task, steered: true }),
    peerVariant({ name: VARIANTS.peer, peer, task }),
  ];
  const cost = [
    ourVariant({ name: VARIANTS.steered, engine: engines.fast, task, steered: true }),
    ourVariant({ name: VARIANTS.unsteered, engine: engines.fast, task, steered: false }),
  ];
  return [
    ...(await interleave({ ...common, group: "peer", repetitions: peerRepetitions, variants: against })),
    ...(await interleave({ ...common, group: "cost", repetitions: costRepetitions, variants: cost })),
  ];
}
