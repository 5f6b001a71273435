import { statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openRun } from "../src/store/open-store.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { ARMS, makeBigRun } from "./big-run.ts";
import { bigRunSpace, bigRunTable, inspectTable } from "./big-run-table.ts";
import type { BenchResult } from "./result.ts";
import { BIG_RUN_VARIANTS } from "./variant-names.ts";

const TRIALS = 600;

test("a made-up run is the same for a seed, and 200,000 of its trials stay below 600 MB", async () => {
  await using folder = await temporaryFolder();
  const contents = ["one", "other"].map((name) => {
    const dir = path.join(folder.path, name);
    makeBigRun({ dir, trials: TRIALS, seed: 3 });
    using store = openRun({ dir, mode: "read" });
    return { trials: [...store.trials()], judgements: [...store.judgements()] };
  });
  const [one, other] = contents;
  expect(one).toEqual(other);
  expect(one?.trials).toHaveLength(TRIALS);
  expect(new Set(one?.trials.map(({ arm }) => arm))).toEqual(new Set(ARMS));
  const tokens = one?.trials.reduce((sum, trial) => sum + trial.tokens.length, 0) ?? 0;
  expect(tokens / TRIALS).toBeGreaterThan(180);
  // what a run has before its first trial is nothing to a big one
  makeBigRun({ dir: path.join(folder.path, "none"), trials: 0 });
  const sizeOf = (name: string) => statSync(path.join(folder.path, name, "run.sqlite")).size;
  expect((sizeOf("one") - sizeOf("none")) / TRIALS).toBeLessThan(3000);
}, 60_000);

test("times in its tables come from speeds, and ratios are of times within a repetition", () => {
  const { ours, sqlite, inspect } = BIG_RUN_VARIANTS;
  const run = (group: string, variant: string, repetition: number, seconds: number, tokens = 1000) => ({
    group,
    rows: 1000,
    variant,
    repetition,
    tokens,
    seconds,
    rowsEdited: 0,
  });
  const result: BenchResult = {
    cell: "big-run",
    date: "2026-01-02T03:04:05.000Z",
    machine: { cpu: "a CPU", cores: 2, memoryGiB: 8, platform: "p", node: "v24" },
    loadBefore: [0.1, 0, 0],
    loadAfter: [1, 0, 0],
    libraries: { python: "3", inspect_ai: "0" },
    settings: { trials: 1000, fileBytes: 3_000_000, "bytes in texts": 900_000, inspected: "steered" },
    runs: [
      ...[run("page", ours, 0, 0.2), run("page", sqlite, 0, 0.1)],
      ...[run("page", ours, 1, 0.3), run("page", sqlite, 1, 0.1)],
      ...[run("page", ours, 2, 0.4), run("page", sqlite, 2, 0.1)],
      ...[run("read a run", ours, 0, 1), run("read a run", inspect, 0, 1, 250)],
    ],
  };
  expect(bigRunTable(result)).toContain("| page | 300 (200–400) | 100 (100–100) | 3.00 (2.00–4.00) |");
  expect(bigRunTable(result)).not.toContain("read a run");
  expect(inspectTable(result)).toContain("| 1000 | 1000 | 250 | 4.00 (4.00–4.00) |");
  expect(bigRunSpace(result)).toContain("| the response | 900 |");
});
