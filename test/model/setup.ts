/** Makes sure that the default model's weights are there before the first model test, and tells the tests where. */
import type { TestProject } from "vitest/node";
import { cacheDir } from "../../src/model/cache-dir.ts";
import { resolveModel } from "../../src/model/resolve-model.ts";

declare module "vitest" {
  interface ProvidedContext {
    modelPath: string;
    cacheDir: string;
    /** Servers that the conformance suite is run against; null runs it in this process. */
    vllm: { urls: string[]; saeRoot: string } | null;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const cache = cacheDir({});
  let said = false;
  const { path } = await resolveModel({
    model: "smollm2-135m",
    cacheDir: cache,
    onProgress: () => {
      if (!said) console.log(`model tests: downloading smollm2-135m into ${cache}`);
      said = true;
    },
  });
  project.provide("modelPath", path);
  project.provide("cacheDir", cache);
  project.provide("vllm", null);
}
