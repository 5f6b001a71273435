/** `countersteer export`: a run's trials in a form that other programs read. */
import { closeSync, openSync, writeSync } from "node:fs";
import { type Command, Option } from "commander";
import { CountersteerError, messageOf } from "../errors.ts";
import { writeNewFile } from "../model/new-file.ts";
import { type ExportOptions, exportChats, exportCsv, exportJsonl } from "../store/export.ts";
import { exportInspect } from "../store/inspect-log.ts";
import { chooseJudges } from "../store/judge-choice.ts";
import { openRun } from "../store/open-store.ts";
import { exportReference } from "../store/reference/export.ts";
import type { RunStore } from "../store/run-store.ts";
import type { CliContext } from "./context.ts";

/** Formats that are lines of text. */
const TEXTS = {
  jsonl: exportJsonl,
  csv: exportCsv,
  chats: exportChats,
  reference: exportReference,
  inspect: exportInspect,
} satisfies Record<string, (options: ExportOptions) => Iterable<string>>;

const FORMATS = [...Object.keys(TEXTS), "parquet"];

interface ExportFlags {
  format: keyof typeof TEXTS | "parquet";
  out: string;
  arm?: string;
  judge?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("export")
    .description("Write the trials of a run, each with its latest judgement.")
    .argument("<run>", "the run's folder")
    .requiredOption("--out <file>", "a file that is there is not overwritten")
    .addOption(
      new Option(
        "--format <form>",
        "jsonl, csv, parquet: whole trials, which `import` reads; chats: prompts and responses, as --docs reads them; reference: the reference's result JSON, one arm; inspect: a log of Inspect, one arm",
      )
        .choices(FORMATS)
        .default("jsonl"),
    )
    .option("--arm <name>", "trials of one arm only")
    .option("--judge <name>", "whose judgements (default: the run's own judge)")
    .action((dir: string, flags: ExportFlags) => exportRun({ dir, flags, context }));
}

async function exportRun({
  dir,
  flags: { format, out, arm, judge },
  context: { terminal },
}: {
  dir: string;
  flags: ExportFlags;
  context: CliContext;
}): Promise<void> {
  using store = openRun({ dir, mode: "read" });
  if (arm !== undefined) assertArm({ store, arm });
  const [named] = judge === undefined ? [] : chooseJudges({ store, names: [judge] });
  const chosen = {
    store,
    ...(arm === undefined ? {} : { arm }),
    ...(named === undefined ? {} : { judge: named.judge }),
  };
  if (format === "parquet") {
    // its library is large
    const { writeParquet } = await import("../store/table/parquet-table.ts");
    const onRow = (n: number) => terminal.status(() => `written: ${n} trials`);
    const trials = withOut(out, () =>
      writeNewFile({ path: out, write: (temporary) => writeParquet({ ...chosen, out: temporary, onRow }) }),
    );
    terminal.result({ data: { out, format, trials }, text: () => `${out}: ${trials} trials` });
    return;
  }
  const parts = TEXTS[format](chosen);
  const lines = write({ out, parts, onLine: (n) => terminal.status(() => `written: ${n} lines`) });
  terminal.result({ data: { out, format, lines }, text: () => `${out}: ${lines} lines` });
}

/** An empty file would look like an arm without trials. */
function assertArm({ store, arm }: { store: RunStore; arm: string }): void {
  const arms = Object.keys(store.counts().trialsByArm);
  if (!arms.includes(arm)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The run in ${store.dir} has no trials of an arm "${arm}".`,
      why: `Its arms are ${arms.join(", ") || "not stored yet"}.`,
      todo: "Name one of them.",
      facts: { dir: store.dir, arm, arms },
    });
  }
}

interface WriteOptions {
  out: string;
  parts: Iterable<string>;
  onLine: (lines: number) => void;
}

/** The file is there when it is whole. */
function write({ out, parts, onLine }: WriteOptions): number {
  return withOut(out, () =>
    writeNewFile({ path: out, write: (temporary) => writeParts({ out: temporary, parts, onLine }) }),
  );
}

function writeParts({ out, parts, onLine }: WriteOptions): number {
  const file = openSync(out, "wx");
  let lines = 0;
  try {
    for (const part of parts) {
      writeAll(file, Buffer.from(part));
      lines += part.split("\n").length - 1;
      onLine(lines);
    }
  } finally {
    closeSync(file);
  }
  return lines;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += writeSync(file, bytes, at));
}

function withOut<T>(out: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof CountersteerError) throw cause;
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${out} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Give another file with --out; one that is there is not overwritten.",
      facts: { out },
      cause,
    });
  }
}
