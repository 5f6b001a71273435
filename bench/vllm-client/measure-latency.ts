/**
 * `node bench/vllm-client/measure-latency.ts URL`: how long a full vLLM server takes for steered answers, stored as quantiles of the mean in
 * latency-quantiles.json for the cell `vllm-client`. As many requests are under way as the server computes at once; the first ones, which begin
 * together, are left out.
 */
import { writeFile } from "node:fs/promises";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import { GREEDY } from "../../src/engine/engine.ts";
import { openVllmEngine } from "../../src/engine/vllm/engine.ts";
import { loadPrompts } from "../../src/latents/prompt-set.ts";
import { assetPath } from "../../src/sae/asset-path.ts";
import { latencyQuantiles } from "./latency.ts";

const ANSWERS = 240;
const MAX_TOKENS = 256;

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error("Give the address of a server.");
const engine = await openVllmEngine({ urls: [url] });
const slots = Number(engine.build.slots);
const prompts = await loadPrompts({ path: assetPath("prompts/evaluation.txt") });
const vector = new Float32Array(engine.info.dModel).fill(0.5);
let next = 0;
const times: number[] = [];

async function work(): Promise<void> {
  for (let i = next++; i < ANSWERS + slots; i = next++) {
    const content = prompts[i % prompts.length] ?? "";
    const tokens = await chatTokens({ engine, messages: [{ role: "user", content }] });
    const began = performance.now();
    const request = {
      id: String(i),
      tokens,
      sampling: { ...GREEDY, temperature: 0.6, repetitionPenalty: 1.1, seed: i, maxTokens: MAX_TOKENS },
      intervention: {
        layer: Math.floor(engine.info.layers / 2),
        positions: { kind: "all" as const },
        edits: [{ kind: "add" as const, direction: { vector }, strength: 1 }],
      },
    };
    for await (const _ of engine.generate([request])) {
      if (i >= slots) times.push((performance.now() - began) / 1000);
    }
  }
}

await Promise.all(Array.from({ length: slots }, work));
const { info, build } = engine;
await engine.close();
const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
const source = `${times.length} steered answers of up to ${MAX_TOKENS} tokens, ${slots} at once, measured on vLLM ${build.vllm} (${build.device}, ${info.name}; mean ${mean.toFixed(1)} s)`;
const quantiles = latencyQuantiles({ times }).map((each) => Number(each.toFixed(4)));
const file = new URL("./latency-quantiles.json", import.meta.url);
await writeFile(file, `${JSON.stringify({ source, quantiles }, null, 2)}\n`);
console.log(source);
