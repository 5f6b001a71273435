/** `export`, once for each way in which it writes: a text, and a table with its rows in groups. */
import path from "node:path";
import { fileContents } from "../contents.ts";
import type { WorkloadMaker } from "../workload.ts";
import { makeStoredRun, upTo } from "./made-run.ts";

const TRIALS = 3000;

export function exportWorkload(format: "jsonl" | "csv" | "parquet"): WorkloadMaker {
  return async ({ folder }) => {
    const dir = path.join(folder, `exported-${format}`);
    makeStoredRun({ dir, trials: upTo(TRIALS), judged: true });
    return {
      engines: false,
      atOnce: true,
      prepare: async () => {},
      args: async (home) => [
        ...["export", dir, "--format", format, "--out", path.join(home, "trials"), "--json"],
      ],
      result: (home) => fileContents(home, ["trials"]),
    };
  };
}
