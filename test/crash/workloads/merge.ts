/** `merge` of shards, and `finetune merge` of an adapter: nothing is there before all of it is. */
import path from "node:path";
import { writeGgufLora } from "../../../src/finetune/adapter/write-gguf.ts";
import { createRng } from "../../../src/stats/rng.ts";
import { fileContents, runContents } from "../contents.ts";
import type { WorkloadMaker } from "../workload.ts";
import { makeStoredRun, upTo } from "./made-run.ts";

const SHARDS = 3;
const TRIALS = 1500;

export const mergeWorkload: WorkloadMaker = async ({ folder }) => {
  const dirs = Array.from({ length: SHARDS }, (_, i) => makeShard({ folder, index: i + 1 }));
  return {
    engines: false,
    atOnce: true,
    prepare: async () => {},
    args: async (home) => ["merge", path.join(home, "whole"), ...dirs, "--json"],
    result: async (home) => runContents(path.join(home, "whole")),
  };
};

function makeShard({ folder, index }: { folder: string; index: number }): string {
  const dir = path.join(folder, `shard-${index}`);
  const config = { designs: ["esr"], shard: { index, count: SHARDS } };
  const trials = upTo(TRIALS).filter((i) => i % SHARDS === index - 1);
  makeStoredRun({ dir, trials, judged: true, manifest: { config } });
  return dir;
}

export const mergeAdapterWorkload: WorkloadMaker = async ({ folder, model }) => {
  const adapter = path.join(folder, "adapter.gguf");
  const rng = createRng({ seed: 3 });
  const values = (size: number) => Float32Array.from({ length: size }, () => rng.next() - 0.5);
  await writeGgufLora({
    path: adapter,
    factors: [{ layer: 0, matrix: "attn_q", a: values(2 * 32), b: values(32 * 2) }],
    shape: { rank: 2, alpha: 4, dropout: 0, matrices: ["attn_q"], layers: [0] },
    architecture: "llama",
  });
  return {
    engines: false,
    atOnce: true,
    prepare: async () => {},
    args: async (home) => [
      ...["finetune", "merge", adapter, path.join(home, "merged.gguf"), "--model", model],
      ...["--cache-dir", path.join(home, "cache"), "--json"],
    ],
    result: (home) => fileContents(home, ["merged.gguf"]),
  };
};
