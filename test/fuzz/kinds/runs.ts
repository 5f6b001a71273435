/** Stored runs, and the files that runs are made of. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { importReference } from "../../../src/experiment/import-reference.ts";
import { summarise } from "../../../src/report/summarise.ts";
import { exportCsv, exportJsonl } from "../../../src/store/export.ts";
import { openRun } from "../../../src/store/open-store.ts";
import type { RunStore } from "../../../src/store/run-store.ts";
import type { TableFormat } from "../../../src/store/table/formats.ts";
import { importTable } from "../../../src/store/table/import-table.ts";
import { writeParquet } from "../../../src/store/table/parquet-table.ts";
import { makeRun } from "../../support/made-run.ts";
import { type Draw, mutate } from "../../support/mutate.ts";
import { ABLATED_FILE, STEERED_FILE } from "../../support/reference-results.ts";
import { makeReportRun } from "../../support/report-run.ts";
import type { Kind } from "../kind.ts";
import { mutateText } from "../mutate-text.ts";
import { mutateJson, mutateValue, type Value } from "../mutate-value.ts";
import { holds, same } from "../same.ts";

const PACKAGE = { packageVersion: "0.0.0", now: () => new Date(0) };

function small(dir: string): RunStore {
  return makeRun({
    dir,
    outcomes: [
      "errored",
      "unjudged",
      { status: "scored", scores: [20, 80] },
      { status: "scored", scores: [50] },
      { status: "no-attempt" },
    ],
  });
}

/** All that a report reads can be read, or the store says that it is damaged. */
function readStore(dir: string): void {
  using store = openRun({ dir, mode: "read" });
  store.manifest();
  store.arms();
  store.latents();
  store.events();
  const judged = [...store.judged()];
  for (const { trial } of judged) {
    holds(
      typeof trial.text === "string" && trial.tokens instanceof Int32Array,
      "trials have a text and tokens",
    );
    same(trial.tokens.length, trial.offsets.length, "numbers of tokens and of offsets");
  }
  same([...store.trials()].length, judged.length, "numbers of trials");
  summarise({ store, replicates: 2 });
}

export const runStore: Kind = {
  name: "run-store",
  input: "run.sqlite of a stored run",
  right: "every trial, judgement and record can be read and summarised",
  codes: /^(STORE_CORRUPT|RUN_NOT_FOUND|RUN_LOCKED|REQUEST_INVALID)$/,
  open: async (folder) => {
    small(join(folder, "small")).close();
    makeReportRun({ dir: join(folder, "large") }).close();
    const wholes = ["small", "large"].map((name) => readFileSync(join(folder, name, "run.sqlite")));
    const dir = join(folder, "it");
    return {
      wholes: wholes.length,
      read: async ({ whole, draw }) => {
        const bytes = wholes[whole] ?? Buffer.alloc(0);
        rmSync(dir, { recursive: true, force: true });
        mkdirSync(dir);
        writeFileSync(join(dir, "run.sqlite"), draw === null ? bytes : mutateStore(bytes, draw));
        readStore(dir);
        return null;
      },
    };
  },
};

/** Bytes anywhere, and texts within: pages of SQLite have most of their content at their ends. */
function mutateStore(bytes: Buffer, draw: Draw): Buffer {
  if (draw(3) === 0) return mutate({ bytes, draw });
  const copy = Buffer.from(bytes);
  for (let left = 1 + draw(6); left > 0; left--) copy[100 + draw(copy.length - 100)] = draw(256);
  return copy;
}

/** A table that was imported gives, exported, a table that gives the same again. */
function tableKind(format: TableFormat, damage: (bytes: Buffer, draw: Draw) => string | Buffer): Kind {
  return {
    name: `trials-${format}`,
    input: `trials in ${format.toUpperCase()}, to import`,
    right: "what is exported of the imported run is the same when it is imported and exported once more",
    codes: /^CONFIG_INVALID$/,
    open: async (folder) => {
      const runs = [small(join(folder, "small")), makeReportRun({ dir: join(folder, "large") })];
      const wholes = runs.map((store, i) => {
        const out = join(folder, `whole-${i}.${format}`);
        write(store, format, out);
        store.close();
        return readFileSync(out);
      });
      return {
        wholes: wholes.length,
        read: async ({ whole, draw }) => {
          const bytes = wholes[whole] ?? Buffer.alloc(0);
          const file = join(folder, `it.${format}`);
          writeFileSync(file, draw === null ? bytes : damage(bytes, draw));
          const first = await again(file, format, join(folder, "first"));
          const next = join(folder, `next.${format === "parquet" ? "jsonl" : format}`);
          writeFileSync(next, first);
          same(await again(next, format === "parquet" ? "jsonl" : format, join(folder, "second")), first);
          return null;
        },
      };
    },
  };
}

function write(store: RunStore, format: TableFormat, out: string): void {
  if (format === "parquet") writeParquet({ store, out });
  else writeFileSync(out, textOf(store, format));
}

function textOf(store: RunStore, format: TableFormat): string {
  return [...(format === "csv" ? exportCsv({ store }) : exportJsonl({ store }))].join("");
}

async function again(file: string, format: TableFormat, dir: string): Promise<string> {
  rmSync(dir, { recursive: true, force: true });
  const { judge } = await importTable({ file, format, dir, ...PACKAGE });
  using store = openRun({ dir, mode: "read" });
  holds(judge === null || store.judges().some((each) => each.judge === judge), "its judge has judged");
  return textOf(store, format === "parquet" ? "jsonl" : format);
}

export const trialsJsonl = tableKind("jsonl", (bytes, draw) => {
  const text = bytes.toString("utf8");
  if (draw(3) === 0) return mutateText(text, draw);
  const lines = text.split("\n");
  const at = draw(lines.length - 1);
  const line = lines[at] ?? "";
  // what is parsed here is a line of ours
  lines[at] =
    draw(5) === 0 ? mutateJson(line, draw) : JSON.stringify(mutateValue(JSON.parse(line) as Value, draw));
  return lines.join("\n");
});
export const trialsCsv = tableKind("csv", (bytes, draw) =>
  draw(4) === 0 ? mutate({ bytes, draw }) : mutateText(bytes.toString("utf8"), draw),
);
export const trialsParquet = tableKind("parquet", (bytes, draw) => mutate({ bytes, draw }));

/** No trial is made up: what is stored has the key of one of the file, and the summary counts each once. */
export const referenceResults: Kind = {
  name: "reference-results",
  input: "result files of the reference, to import",
  right: "the summary of the imported run counts each stored trial once",
  codes: /^(CONFIG_INVALID|RUNS_UNEQUAL)$/,
  open: async (folder) => {
    const wholes = [STEERED_FILE, ABLATED_FILE];
    const judged = join(folder, "claude_haiku_4_5_20251001_judge");
    mkdirSync(judged);
    return {
      wholes: wholes.length,
      read: async ({ whole, draw }) => {
        const from = wholes[whole] ?? "";
        const text = readFileSync(from, "utf8");
        const file = join(judged, basename(from));
        const dir = join(folder, "run");
        rmSync(dir, { recursive: true, force: true });
        writeFileSync(file, draw === null ? text : damagedResults(text, draw));
        const { counts } = importReference({ files: [file], dir, ...PACKAGE });
        using store = openRun({ dir, mode: "read" });
        const { arms } = summarise({ store, replicates: 2 });
        same(
          arms.reduce((sum, arm) => sum + arm.counts.trials, 0),
          counts.stored,
          "numbers of trials",
        );
        return null;
      },
    };
  },
};

function damagedResults(text: string, draw: Draw): string | Buffer {
  const how = draw(8);
  if (how === 0) return mutate({ bytes: Buffer.from(text), draw });
  // what is parsed here is a file of ours
  return how === 1 ? mutateJson(text, draw) : JSON.stringify(mutateValue(JSON.parse(text) as Value, draw));
}
