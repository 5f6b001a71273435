import { expect, test } from "vitest";
import type { BenchResult, BenchRun } from "./result.ts";
import { trainingTable } from "./sae-training-table.ts";
import { TRAINING_VARIANTS } from "./variant-names.ts";

const { ours, torch, saelens } = TRAINING_VARIANTS;
const run = (variant: string, repetition: number, seconds: number): BenchRun => ({
  group: "64 latents",
  rows: 32,
  variant,
  repetition,
  tokens: 1200,
  seconds,
  rowsEdited: 0,
  fvu: 0.25,
});
const result: BenchResult = {
  cell: "sae-training",
  date: "2026-01-02T03:04:05.000Z",
  machine: { cpu: "a CPU", cores: 2, memoryGiB: 8, platform: "p", node: "v24" },
  loadBefore: [0.1, 0, 0],
  loadAfter: [1, 0, 0],
  libraries: { torch: "1", "sae-lens": "6" },
  settings: { k: 4 },
  runs: [
    run(ours, 0, 1),
    run(torch, 0, 3),
    run(saelens, 0, 4),
    run(ours, 1, 2),
    run(torch, 1, 8),
    run(saelens, 1, 10),
  ],
};

test("ratios are taken within a repetition", () => {
  const [, , row] = trainingTable(result).split("\n");
  expect(row).toBe(
    "| 64 latents | 900 | 275 | 210 | 3.50 (3.00–4.00) | 4.50 (4.00–5.00) | 0.2500 / 0.2500 / 0.2500 |",
  );
});

test("a run without FVU has no table", () => {
  const runs = result.runs.map(({ fvu: _, ...rest }) => rest);
  expect(() => trainingTable({ ...result, runs })).toThrow("no FVU");
});
