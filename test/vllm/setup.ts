/**
 * Gives the project `vllm` its servers: those of COUNTERSTEER_VLLM_URLS (separated by commas; they serve the exported default model in float32 and
 * know the temporary folder as COUNTERSTEER_SAE_ROOT), or one that is started here and ends with the tests.
 */
import { existsSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { exportModel } from "../../src/finetune/hugging-face/export-model.ts";
import { cacheDir } from "../../src/model/cache-dir.ts";
import { resolveModel } from "../../src/model/resolve-model.ts";
import { killVllm, SAE_ROOT, type ServerPlace, startVllm } from "./support/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of a server that was started for the tests and may be killed by them; null for one that was given. */
    ownServer: ServerPlace | null;
  }
}

const PORT = 18_437;

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const cache = cacheDir({});
  const { path } = await resolveModel({ model: "smollm2-135m", cacheDir: cache });
  project.provide("modelPath", path);
  project.provide("cacheDir", cache);
  const given = process.env.COUNTERSTEER_VLLM_URLS;
  if (given !== undefined) {
    console.log(`vllm tests: against the servers ${given}`);
    project.provide("vllm", { urls: given.split(","), saeRoot: SAE_ROOT });
    project.provide("ownServer", null);
    return undefined;
  }
  const model = join(cache, "hugging-face", "smollm2-135m-float32");
  if (!existsSync(join(model, "config.json"))) {
    await exportModel({ model: path, folder: model, type: "float32", provenance: {} });
  }
  const place = { port: PORT, model, state: join(os.tmpdir(), `countersteer-vllm-${process.pid}`) };
  console.log("vllm tests: starting a vLLM server on the CPU, which takes a minute");
  try {
    await startVllm(place);
  } catch (error) {
    await killVllm(place);
    throw error;
  }
  project.provide("vllm", { urls: [`http://127.0.0.1:${PORT}`], saeRoot: SAE_ROOT });
  project.provide("ownServer", place);
  return () => killVllm(place);
}
