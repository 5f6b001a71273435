import { describe, expect, test } from "vitest";
import { loraLossTable, loraSpeedTable } from "./lora-training-table.ts";
import type { BenchResult, BenchRun } from "./result.ts";
import { LORA_VARIANTS } from "./variant-names.ts";

const { ours, autocast, bf16 } = LORA_VARIANTS;
const run = (
  group: string,
  variant: string,
  repetition: number,
  seconds: number,
  loss: number,
): BenchRun => ({
  group,
  rows: 8,
  variant,
  repetition,
  tokens: 1200,
  seconds,
  rowsEdited: 0,
  loss,
});
const result: BenchResult = {
  cell: "lora-training",
  date: "2026-01-02T03:04:05.000Z",
  machine: { cpu: "a CPU", cores: 2, memoryGiB: 8, platform: "p", node: "v24" },
  loadBefore: [0.1, 0, 0],
  loadAfter: [1, 0, 0],
  libraries: { torch: "1", transformers: "5", peft: "0" },
  settings: { rank: 4, lossSteps: 60 },
  runs: [
    ...[run("speed", ours, 0, 4, 3), run("speed", autocast, 0, 6, 3), run("speed", bf16, 0, 5, 3)],
    ...[run("speed", ours, 1, 4, 3), run("speed", autocast, 1, 8, 3), run("speed", bf16, 1, 6, 3)],
    ...[run("loss", ours, 0, 9, 2.02), run("loss", autocast, 0, 9, 2), run("loss", bf16, 0, 9, 2.1)],
  ],
};

describe("the tables of LoRA training", () => {
  test("ratios are taken within a repetition", () => {
    const [, , row] = loraSpeedTable(result).split("\n");
    expect(row).toBe("| 8 | 300 | 175 | 220 | 1.75 (1.50–2.00) | 1.38 (1.25–1.50) |");
  });

  test("losses are compared with PEFT's under autocast", () => {
    const [, , row] = loraLossTable(result).split("\n");
    expect(row).toBe("| 2.0200 | 2.0000 | 1.00 % | 2.1000 |");
  });

  test("a result without losses has no table of them", () => {
    const runs = result.runs.filter(({ group }) => group !== "loss");
    expect(() => loraLossTable({ ...result, runs })).toThrow("there is no loss");
  });
});
