/** `npm run leaks [-- --generations n]`: memory over 10,000 generations, stored as bench/results/leaks.json. Needs no quiet machine: no time is measured. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import { cacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import { resolveSae } from "../src/sae/resolve-sae.ts";
import { type LeakResult, leakTable } from "./leaks/growth.ts";
import { measureLeaks } from "./leaks/measure.ts";
import { describeMachine } from "./machine.ts";

const MODEL = "smollm2-135m";
const SAE = "smollm2-135m-instruct.l15.8k";
const LAYER = 15;
const AT_ONCE = 25;
const EVERY = 250;
const SLOTS = 25;
const CONTEXT = 256;
const WARM_UP = 2000;

const { values } = parseArgs({ options: { generations: { type: "string", default: "10000" } } });
const cache = cacheDir({});
const { path: model } = await resolveModel({ model: MODEL, cacheDir: cache });
const sae = await resolveSae({ sae: SAE, cacheDir: cache });
const engine = await openLlamaEngine({
  model,
  cacheDir: cache,
  workers: 1,
  threads: 1,
  slots: SLOTS,
  contextPerSlot: CONTEXT,
});
try {
  const samples = await measureLeaks({
    engine,
    sae,
    layer: LAYER,
    generations: Number(values.generations),
    every: EVERY,
    atOnce: AT_ONCE,
    onSample: ({ generations, engineMiB, parentMiB }) =>
      console.log(`${generations}: engine ${engineMiB.toFixed(1)} MiB, program ${parentMiB.toFixed(1)} MiB`),
  });
  const result: LeakResult = {
    cell: "leaks",
    date: new Date().toISOString(),
    machine: describeMachine(),
    libraries: { "llama.cpp": String(engine.build.llamaCpp) },
    settings: { model: MODEL, slots: SLOTS, contextPerSlot: CONTEXT, atOnce: AT_ONCE, newTokens: 3 },
    warmUp: WARM_UP,
    samples,
  };
  console.log(leakTable(result));
  const file = fileURLToPath(new URL("./results/leaks.json", import.meta.url));
  await mkdir(fileURLToPath(new URL("./results/", import.meta.url)), { recursive: true });
  await writeFile(`${file}.tmp`, `${JSON.stringify(result, null, 2)}\n`);
  await rename(`${file}.tmp`, file);
  console.log("stored bench/results/leaks.json; now run: node bench/tables.ts --write");
} finally {
  await engine.close();
}
