/**
 * `npm run vllm-esr`: the design `esr` with its baseline through a vLLM server on this machine's CPU and through the in-process engine, with the
 * same float32 weights, latents, prompts and settings. Thresholds are searched by each engine for itself. Stores bench/results/vllm-esr.json.
 * Runs are kept in bench/.cache, so it can be cut off and called again.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ask, call, isFinished } from "../scripts/results/stage.ts";
import { exportModel } from "../src/finetune/hugging-face/export-model.ts";
import { cacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import { killVllm, startVllm } from "../test/vllm/support/server.ts";
import { CACHE } from "./training-rows.ts";
import { reportSchema, type VllmEsr } from "./vllm-esr-table.ts";

const CONFIG = fileURLToPath(new URL("./vllm-esr.yaml", import.meta.url));
const RESULT = fileURLToPath(new URL("./results/vllm-esr.json", import.meta.url));
const PORT = 18_541;

const served = path.join(CACHE, "vllm-esr-server");
const local = path.join(CACHE, "vllm-esr-local");
if (!isFinished(served)) await withServer(() => go(served, ["--url", `http://127.0.0.1:${PORT}`]));
if (!isFinished(local)) await go(local, []);
const result: VllmEsr = {
  date: new Date().toISOString(),
  engines: [await published("vLLM-CPU", served), await published("in process", local)],
};
await writeFile(`${RESULT}.tmp`, `${JSON.stringify(result, null, 2)}\n`);
await rename(`${RESULT}.tmp`, RESULT);
console.log(`stored ${RESULT}; now run: node bench/tables.ts --write`);

async function go(dir: string, flags: readonly string[]): Promise<void> {
  await call(
    existsSync(path.join(dir, "run.sqlite")) ? ["resume", dir] : ["run", CONFIG, "--out", dir, ...flags],
  );
}

async function published(engine: string, dir: string): Promise<VllmEsr["engines"][number]> {
  return { engine, report: reportSchema.parse(await ask(["report", dir])) };
}

async function withServer(work: () => Promise<void>): Promise<void> {
  const state = await mkdtemp(path.join(os.tmpdir(), "countersteer-vllm-esr-"));
  const place = { port: PORT, model: path.join(state, "model"), state };
  try {
    const { path: model } = await resolveModel({ model: "smollm2-135m", cacheDir: cacheDir() });
    await exportModel({ model, folder: place.model, type: "float32", provenance: {} });
    await startVllm({ ...place, sequences: 32, batchedTokens: 2048 });
    await work();
  } finally {
    await killVllm(place).catch(() => undefined);
    await rm(state, { recursive: true, force: true });
  }
}
