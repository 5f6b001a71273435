/** `countersteer import`: the reference's result files become a run. */
import type { Command } from "commander";
import { importReference } from "../experiment/import-reference.ts";
import { COMPARED_FIELDS } from "../store/comparable.ts";
import type { Imported } from "../store/reference/imported-event.ts";
import type { CliContext } from "./context.ts";
import { packageVersion } from "./package-version.ts";

interface ImportFlags {
  out: string;
  arm?: string[];
  allow?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("import")
    .description(
      "Make a run of the reference's result files, for `report`, `judge compare` and `judge rejudge`. Each file is an arm; files of the same arm are pooled.",
    )
    .argument("<files...>", "result files of one model (METHOD.md 7.1)")
    .requiredOption("--out <folder>", "where the run is kept; it must hold none")
    .option("--arm <names...>", "names of the arms, one a file, in order (default: what the files say)")
    .option("--allow <fields>", `fields that may differ between files: ${COMPARED_FIELDS.join(", ")}; or all`)
    .action((files: string[], flags: ImportFlags) => importFiles({ files, flags, context }));
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
