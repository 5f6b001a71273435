/** `run`, then `resume`: thresholds and trials on two engine processes, judged by a server; weights, hashes and answers are cached on the way. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { isRun, runContents } from "../contents.ts";
import type { WorkloadMaker, World } from "../workload.ts";

const MACHINE = ["--workers", "2", "--threads", "1", "--json"];

export const runWorkload: WorkloadMaker = async (world) => {
  const settings = path.join(world.folder, "run.yaml");
  await writeFile(settings, settingsOf(world));
  return {
    engines: true,
    atOnce: false,
    prepare: async () => {},
    args: async (home) => {
      const dir = path.join(home, "run");
      const machine = [...MACHINE, "--cache-dir", path.join(home, "cache")];
      return isRun(dir) ? ["resume", dir, ...machine] : ["run", settings, "--out", dir, ...machine];
    },
    result: async (home) => runContents(path.join(home, "run")),
  };
};

export function settingsOf({ model, sae, judgeUrl }: World): string {
  return [
    "designs: [baseline, esr]",
    `model: ${model}`,
    `sae: ${sae}`,
    "layer: 0",
    "weights: fast",
    "latents: {indices: [1, 2, 3]}",
    "threshold: {range: [0.1, 10], samples: 2, minQueries: 2, maxQueries: 3, verifySamples: 1, maxTokens: 12}",
    "trialsPerLatent: 6",
    "sampling: {maxTokens: 24}",
    `judge: {kind: llm, blind: true, provider: compatible, model: scripted, baseUrl: "${judgeUrl}"}`,
  ].join("\n");
}
