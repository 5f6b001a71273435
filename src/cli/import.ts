/** `countersteer import`: exported trials, or the reference's result files, become a run. */
import path from "node:path";
import { type Command, Option } from "commander";
import { CountersteerError } from "../errors.ts";
import { importReference } from "../experiment/import-reference.ts";
import { COMPARED_FIELDS } from "../store/comparable.ts";
import type { Imported } from "../store/reference/imported-event.ts";
import { TABLE_FORMATS, type TableFormat } from "../store/table/formats.ts";
import type { CliContext } from "./context.ts";
import { packageVersion } from "./package-version.ts";

interface ImportFlags {
  out: string;
  arm?: string[];
  allow?: string;
  format?: TableFormat | "reference";
}

/** By a file's ending, unless `--format` says it. */
const ENDINGS: Record<string, TableFormat | "reference"> = {
  ".jsonl": "jsonl",
  ".csv": "csv",
  ".parquet": "parquet",
};

export function register(program: Command, context: CliContext): void {
  program
    .command("import")
    .description(
      "Make a run of a file of trials that `export` wrote, or of the reference's result files, for `report`, `judge compare` and `judge rejudge`. Of the latter each file is an arm; files of the same arm are pooled.",
    )
    .argument("<files...>", "one file of trials, or result files of one model (METHOD.md 7.1)")
    .addOption(
      new Option("--format <form>", "what the files are (default: by their ending)").choices([
        ...TABLE_FORMATS,
        "reference",
      ]),
    )
    .requiredOption("--out <folder>", "where the run is kept; it must hold none")
    .option("--arm <names...>", "names of the arms, one a file, in order (default: what the files say)")
    .option("--allow <fields>", `fields that may differ between files: ${COMPARED_FIELDS.join(", ")}; or all`)
    .action((files: string[], flags: ImportFlags) => {
      const [file = ""] = files;
      const format = flags.format ?? ENDINGS[path.extname(file).toLowerCase()] ?? "reference";
      return format === "reference"
        ? importFiles({ files, flags, context })
        : importTrials({ files, format, flags, context });
    });
}

async function importTrials({
  files,
  format,
  flags: { out, arm, allow },
  context: { terminal },
}: {
  files: string[];
  format: TableFormat;
  flags: ImportFlags;
  context: CliContext;
}): Promise<void> {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0 || arm !== undefined || allow !== undefined) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: "One file of trials makes one run, with the arms that it has.",
      why:
        more.length > 0
          ? `${files.length} files were given.`
          : "--arm and --allow are for the reference's files.",
      todo: "Import each file into a folder of its own; `report` takes several runs.",
      facts: { files },
    });
  }
  // the library of Parquet is large
  const { importTable } = await import("../store/table/import-table.ts");
  const imported = await importTable({
    file,
    format,
    dir: out,
    packageVersion: packageVersion(),
    onProgress: (trials) => terminal.status(() => `importing: ${trials} trials`),
  });
  terminal.result({
    data: { dir: out, ...imported },
    text: () =>
      [
        `${out}: ${imported.trials} trials and ${imported.judgements} judgements of ${imported.file}`,
        `absent          ${imported.absent.join("; ")}`,
        `Next: countersteer report ${out}`,
      ].join("\n"),
  });
}

function importFiles({
  files,
  flags: { out, arm, allow },
  context: { terminal },
}: {
  files: string[];
  flags: ImportFlags;
  context: CliContext;
}): void {
  terminal.status("reading");
  const imported = importReference({
    files,
    dir: out,
    armNames: arm ?? null,
    allow: allow === "all" ? true : (allow?.split(",").map((field) => field.trim()) ?? []),
    packageVersion: packageVersion(),
    onProgress: ({ done, total }) => terminal.status(() => `looking up attempts: ${done} of ${total} trials`),
  });
  for (const text of imported.differences) terminal.warn(`the files differ in ${text}`);
  terminal.result({ data: { dir: out, ...imported }, text: () => importedLines({ dir: out, imported }) });
}

function importedLines({ dir, imported }: { dir: string; imported: Imported }): string {
  const { counts, attempts, strict, raw } = imported;
  const statuses = (judgements: Record<string, number>) =>
    Object.entries(judgements)
      .map(([status, n]) => `${n} ${status}`)
      .join(", ") || "none";
  return [
    `${dir}: ${counts.stored} trials from ${imported.files.length === 1 ? "one file" : `${imported.files.length} files`}`,
    `left out        ${counts.duplicates} duplicates; ${counts.failedFeatures} of ${counts.features} latents failed`,
    `errored         ${counts.errored}`,
    `attempts        ${attempts.given}: ${attempts.located} in the response, ${attempts.approximate} nearly, ${attempts.absent} not`,
    `reference/1     ${statuses(strict)}`,
    `reference-raw/1 ${statuses(raw)}`,
    `Next: countersteer report ${dir}`,
  ].join("\n");
}
