/** `countersteer judge labels import`: a filled-in sheet becomes judgements. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { CountersteerError, messageOf } from "../../errors.ts";
import { importLabels } from "../../experiment/import-labels.ts";
import { openRun } from "../../store/open-store.ts";
import type { CliContext } from "../context.ts";

interface ImportFlags {
  name: string;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("import")
    .description(
      "Store the labels of a sheet, all or none. A corrected sheet may be imported again: the earlier labels are kept, and the latest count.",
    )
    .argument("<run>", "the run's folder")
    .argument("<sheet>", "the sheet as CSV")
    .requiredOption("--name <name>", "who judged; the judge is called human-<name>")
    .action((dir: string, file: string, flags: ImportFlags) => importSheet({ dir, file, flags, context }));
}

async function importSheet({
  dir,
  file,
  flags: { name },
  context,
}: {
  dir: string;
  file: string;
  flags: ImportFlags;
  context: CliContext;
}): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The sheet ${file} can't be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Check the path.",
      facts: { file },
      cause,
    });
  }
  using store = openRun({ dir, mode: "write" });
  const imported = importLabels({ store, text, file, name });
  const { judge, added, changed, unchanged } = imported;
  context.terminal.result({
    data: imported,
    text: () => `${judge}: ${added} responses labelled, ${changed} labels changed, ${unchanged} as before.`,
  });
}
