/** `npm run bench [-- --smoke] [cell...]`: measures cells and stores them in bench/results. */
import { parseArgs } from "node:util";
import { measureBigRun } from "./big-run-cell.ts";
import { measureCapture } from "./capture.ts";
import type { Cell } from "./cell.ts";
import { TABLES } from "./document-tables.ts";
import { measureLoraTraining } from "./lora-training.ts";
import { describeMachine, loadAverage, waitUntilQuiet } from "./machine.ts";
import { type BenchResult, writeResult } from "./result.ts";
import { measureSaeTraining } from "./sae-training.ts";
import { measureSteeredSampling } from "./steered-sampling.ts";
import { measureVllmClient } from "./vllm-client.ts";
import { measureVllmSteering } from "./vllm-steering.ts";

const CELLS: Record<string, Cell> = {
  "steered-sampling": measureSteeredSampling,
  capture: measureCapture,
  "sae-training": measureSaeTraining,
  "lora-training": measureLoraTraining,
  "big-run": measureBigRun,
  "vllm-client": measureVllmClient,
  "vllm-steering": measureVllmSteering,
};

const { values, positionals } = parseArgs({
  options: { smoke: { type: "boolean", default: false } },
  allowPositionals: true,
});
const began = Date.now();
const log = (line: string) =>
  console.log(`[${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s] ${line}`);

const names = positionals.length > 0 ? positionals : Object.keys(CELLS);
const unknown = names.filter((name) => !(name in CELLS));
if (unknown.length > 0) {
  console.error(`There is no cell ${unknown.join(", ")}. The cells are: ${Object.keys(CELLS).join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const cell of names) await runCell(cell);
}

async function runCell(cell: string): Promise<void> {
  const measure = CELLS[cell];
  if (measure === undefined) return;
  log(`cell ${cell}`);
  const loadBefore = values.smoke ? loadAverage() : await waitUntilQuiet({ log });
  const measured = await measure({ smoke: values.smoke, log });
  const result: BenchResult = {
    cell,
    date: new Date().toISOString(),
    machine: describeMachine(),
    loadBefore,
    loadAfter: loadAverage(),
    ...measured,
  };
  for (const table of Object.values(TABLES)) {
    if (table.cell === cell) console.log(`\n${table.render(result)}`);
  }
  if (values.smoke) log("smoke run: nothing was stored");
  else log(`stored ${await writeResult({ result })}; now run: node bench/tables.ts --write`);
}
