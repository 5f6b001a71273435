/** A run of the default model that an earlier version stored, in the store's first form, and its report as that version printed it. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openRun } from "../store/open-store.ts";
import { queryTrials } from "../store/trial-query.ts";
import { runReport } from "./run-report.ts";

const DATA = new URL("../../test/data/store/", import.meta.url);
const EXPECTED: unknown = JSON.parse(readFileSync(new URL("version-1-report.json", DATA), "utf8"));

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  const bytes = gunzipSync(readFileSync(new URL("version-1.sqlite.gz", DATA)));
  writeFileSync(path.join(folder.path, "run.sqlite"), bytes);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** All that can be read of the trials, and the report as `--json` prints it, without the folder. */
function read() {
  using store = openRun({ dir: folder.path, mode: "read" });
  const report = runReport({ store });
  const table = { store, filter: {}, sort: "change", direction: "down", offset: 0, limit: 500 } as const;
  return {
    report: JSON.parse(JSON.stringify({ ...report, summary: { ...report.summary, dir: "" } })) as unknown,
    trials: [...store.trials()],
    judgements: [...store.judgements()],
    page: queryTrials(table),
  };
}

it("gives the same report bit for bit, read as it is and in its new form", () => {
  const asItIs = read();
  expect(asItIs.trials).toHaveLength(60);
  expect(JSON.stringify(asItIs.report)).toBe(JSON.stringify(EXPECTED));
  openRun({ dir: folder.path, mode: "write" }).close();
  const upgraded = read();
  expect(upgraded).toEqual(asItIs);
  expect(JSON.stringify(upgraded.report)).toBe(JSON.stringify(EXPECTED));
});
