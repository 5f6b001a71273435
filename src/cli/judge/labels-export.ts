/** `countersteer judge labels export`: a blind sheet of responses. */
import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { CountersteerError, messageOf } from "../../errors.ts";
import { type ExportedLabels, exportLabels } from "../../experiment/export-labels.ts";
import { wrapText } from "../../report/wrap-text.ts";
import { openRun } from "../../store/open-store.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber } from "../numbers.ts";

interface ExportFlags {
  out: string;
  sample: number;
  seed: number;
  multiShare: number;
  arm?: string;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("export")
    .description(
      "Write responses for a person to judge as CSV. The sheet is blind: it names neither arm nor latent, nor what any judge said.",
    )
    .argument("<run>", "the run's folder")
    .requiredOption("--out <file>", "the sheet; a file that is there is not overwritten")
    .addOption(
      new Option("--sample <n>", "responses in the sheet")
        .argParser(wholeNumber({ flag: "--sample", min: 1 }))
        .default(100),
    )
    .addOption(
      new Option("--seed <n>", "of the choice and of the order")
        .argParser(wholeNumber({ flag: "--seed", min: 0 }))
        .default(0),
    )
    .addOption(
      new Option(
        "--multi-share <share>",
        "share that the run's judge calls multi-attempt, as far as there are so many",
      )
        .argParser(realNumber({ flag: "--multi-share", min: 0, max: 1 }))
        .default(0.5),
    )
    .option("--arm <name>", "responses of one arm only")
    .action((dir: string, flags: ExportFlags) => exportSheet({ dir, flags, context }));
}

async function exportSheet({
  dir,
  flags: { out, sample, seed, multiShare, arm },
  context,
}: {
  dir: string;
  flags: ExportFlags;
  context: CliContext;
}): Promise<void> {
  using store = openRun({ dir, mode: "read" });
  const { text, ...chosen } = exportLabels({ store, sample, seed, multiShare, arm: arm ?? null });
  try {
    await writeFile(out, text, { flag: "wx" });
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The sheet ${out} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Give another file with --out: a sheet that is there may hold somebody's labels.",
      facts: { out },
      cause,
    });
  }
  const { terminal } = context;
  terminal.result({
    data: { out, ...chosen },
    text: () =>
      [
        ...exportedLines({ out, chosen }).map((text) => wrapText({ text, width: terminal.columns })),
        `Then: countersteer judge labels import ${dir} ${out} --name YOURNAME`,
      ].join("\n"),
  });
}

function exportedLines({
  out,
  chosen: { rows, multiAttempt, others, available },
}: {
  out: string;
  chosen: Omit<ExportedLabels, "text">;
}): string[] {
  return [
    `${rows} responses in ${out}: ${multiAttempt} of the ${available.multiAttempt} that the run's judge calls multi-attempt, ${others} of the ${available.others} others.`,
    "In `restarts` go the words with which the response starts over, a line each; in `scores` a score from 0 to 100 for each attempt, a line each, or `-` where nothing is put forward as an answer. Rows without scores count as not judged.",
  ];
}
