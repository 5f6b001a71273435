/** `countersteer finetune data import`: the reference's training files as a data set. */
import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { CountersteerError, messageOf } from "../../../errors.ts";
import { importDataset } from "../../../finetune/data/import-dataset.ts";
import { metaFile } from "../../../finetune/data/meta.ts";
import type { CliContext } from "../../context.ts";
import { realNumber, wholeNumber } from "../../numbers.ts";
import { dataText } from "./data-text.ts";
import { loadEvaluationPrompts } from "./evaluation-prompts.ts";

interface ImportFlags {
  to: string;
  share: number;
  splitSeed: number;
  against?: string[];
  allowContamination?: boolean;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("import")
    .description(
      "Make a data set of the reference's files: JSON lists of conversations, or axolotl's lines of segments. Theirs are about the very\n" +
        "prompts that they evaluate on, so they are refused unless contamination is allowed.",
    )
    .argument("<file...>", "files to read")
    .requiredOption("--to <file>", "JSONL file to write")
    .addOption(
      new Option("--share <x>", "of the prompts, for validation")
        .argParser(realNumber({ flag: "--share", min: 0, max: 0.5 }))
        .default(0.08),
    )
    .addOption(
      new Option("--split-seed <n>", "of the split")
        .argParser(wholeNumber({ flag: "--split-seed", min: 0 }))
        .default(0),
    )
    .option("--against <file...>", "prompts that must not be trained on (default: the shipped sets)")
    .option("--allow-contamination", "import all the same; the meta file counts what is shared")
    .action((files: string[], flags: ImportFlags) => importFiles({ files, flags, context }));
}

interface ImportFilesOptions {
  files: string[];
  flags: ImportFlags;
  context: CliContext;
}

async function importFiles({ files, flags, context: { terminal } }: ImportFilesOptions): Promise<void> {
  const { to: file, share, splitSeed, against, allowContamination } = flags;
  const meta = await importDataset({
    file,
    sources: await Promise.all(files.map(async (source) => ({ file: source, text: await read(source) }))),
    evaluationPrompts: await loadEvaluationPrompts(against),
    validation: share,
    seed: splitSeed,
    allowContamination: allowContamination === true,
  });
  terminal.result({ data: { file, meta: metaFile(file), ...meta }, text: () => dataText({ file, meta }) });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} can't be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Give a file of the reference's training data.",
      facts: { file },
      cause,
    });
  }
}
