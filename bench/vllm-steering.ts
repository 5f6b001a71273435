/**
 * Cell `vllm-steering`: what steering costs on a vLLM server with our plug-in (group `cost`), and that server against our in-process engine
 * with one thread each and the same float32 weights (group `peer`). The server computes on the CPU.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { chatTokens } from "../src/engine/chat-tokens.ts";
import type { Engine } from "../src/engine/engine.ts";
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import { openVllmEngine } from "../src/engine/vllm/engine.ts";
import { exportModel } from "../src/finetune/hugging-face/export-model.ts";
import { loadPrompts } from "../src/latents/prompt-set.ts";
import { cacheDir as defaultCacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import { assetPath } from "../src/sae/asset-path.ts";
import { openDictionary } from "../src/sae/open-dictionary.ts";
import { killVllm, startVllm } from "../test/vllm/support/server.ts";
import type { Cell } from "./cell.ts";
import { interleave } from "./interleave.ts";
import type { BenchRun } from "./result.ts";
import { VLLM_VARIANTS } from "./variant-names.ts";
import { ourVariant, type SteeredTask } from "./variants.ts";

const MODEL = "smollm2-135m";
const SAE = "smollm2-135m-instruct.l15.8k";
const TASK = { layer: 15, latent: 2316, strength: 60, temperature: 0.6, repetitionPenalty: 1.1 };
const FULL = { rowCounts: [1, 8, 32], newTokens: 64, warmUpTokens: 8, repetitions: 3 };
const SMOKE = { rowCounts: [2], newTokens: 6, warmUpTokens: 2, repetitions: 1 };
const THREADS = 1;
const PORT = 18_539;

export const measureVllmSteering: Cell = async ({ smoke, log }) => {
  const { rowCounts, ...lengths } = smoke ? SMOKE : FULL;
  const cacheDir = defaultCacheDir();
  const model = (await resolveModel({ model: MODEL, cacheDir })).path;
  const state = await mkdtemp(path.join(os.tmpdir(), "countersteer-bench-vllm-"));
  const folder = path.join(state, "model");
  const dictionary = openDictionary({ path: SAE });
  const place = { port: PORT, model: folder, state };
  const opened: Engine[] = [];
  try {
    await exportModel({ model, folder, type: "float32", provenance: {} });
    log("starting a vLLM server");
    const sequences = Math.max(...rowCounts);
    await startVllm({ ...place, sequences, batchedTokens: 2048, threads: THREADS });
    const served = await openVllmEngine({ urls: [`http://127.0.0.1:${PORT}`] });
    opened.push(served);
    const common = { model, cacheDir, workers: 1, threads: THREADS, slots: sequences };
    const exact = await openLlamaEngine({ ...common, weights: "exact" });
    opened.push(exact);
    const fast = await openLlamaEngine({ ...common, weights: "fast", fastType: "q4_0" });
    opened.push(fast);
    const [prompt = ""] = await loadPrompts({ path: assetPath("prompts/evaluation.txt") });
    const tokens = await chatTokens({ engine: exact, messages: [{ role: "user", content: prompt }] });
    const task: SteeredTask = { ...TASK, tokens, sae: dictionary.path };
    const variant = (name: string, engine: Engine, steered: boolean) =>
      ourVariant({ name, engine, task, steered });
    const groups = {
      cost: [variant(VLLM_VARIANTS.steered, served, true), variant(VLLM_VARIANTS.plain, served, false)],
      peer: [
        variant(VLLM_VARIANTS.exact, exact, true),
        variant(VLLM_VARIANTS.fast, fast, true),
        variant(VLLM_VARIANTS.server, served, true),
      ],
    };
    const runs: BenchRun[] = [];
    for (const rows of rowCounts) {
      for (const [group, variants] of Object.entries(groups)) {
        runs.push(...(await interleave({ ...lengths, group, rows, variants, log })));
      }
    }
    const { vllm, plugin } = served.build;
    return {
      libraries: {
        vllm: String(vllm),
        "countersteer-vllm": String(plugin),
        "llama.cpp": String(exact.build.llamaCpp),
      },
      settings: {
        model: MODEL,
        sae: SAE,
        promptTokens: tokens.length,
        ...TASK,
        ...lengths,
        threads: THREADS,
      },
      runs,
    };
  } finally {
    for (const engine of opened) await engine.close();
    dictionary.close();
    await killVllm(place).catch(() => undefined);
    await rm(state, { recursive: true, force: true });
  }
};
