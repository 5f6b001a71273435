/** `countersteer finetune data show`: examples of a data set, with what is masked from the loss dimmed. */
import { type Command, Option } from "commander";
import { chooseForPreview, previewText } from "../../../finetune/data/preview.ts";
import type { FinetuneRecord } from "../../../finetune/data/record.ts";
import { readDataset } from "../../../finetune/train/read-dataset.ts";
import type { CliContext } from "../../context.ts";
import { wholeNumber } from "../../numbers.ts";
import { oneOfNames } from "../../one-of-names.ts";
import type { Terminal } from "../../terminal.ts";

const KINDS = ["self-correction", "normal"] as const;

interface ShowFlags {
  count: number;
  kind?: (typeof KINDS)[number];
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("show")
    .description("Print examples of a data set; what is masked from the loss is dim, or stands in brackets.")
    .argument("<file>", "data set, .jsonl")
    .addOption(
      new Option("--count <n>", "examples, spread over the file")
        .argParser(wholeNumber({ flag: "--count", min: 1 }))
        .default(10),
    )
    .addOption(
      new Option("--kind <kind>", `${KINDS.join(" or ")} only`).argParser(
        oneOfNames({ flag: "--kind", names: KINDS }),
      ),
    )
    .action((file: string, flags: ShowFlags) => show({ file, flags, context }));
}

async function show({
  file,
  flags,
  context: { terminal },
}: {
  file: string;
  flags: ShowFlags;
  context: CliContext;
}) {
  const { records } = await readDataset({ file });
  const wanted = records.filter(({ kind }) => flags.kind === undefined || kind === flags.kind);
  const chosen = chooseForPreview({ records: wanted, count: flags.count });
  terminal.result({
    data: { file, of: wanted.length, examples: chosen },
    text: () => previewsOf({ records: chosen, terminal }).join("\n\n"),
  });
}

/** One text for each record. */
export function previewsOf({
  records,
  terminal,
}: {
  records: readonly FinetuneRecord[];
  terminal: Terminal;
}): string[] {
  const colours = terminal.color
    ? {
        mask: (text: string) => terminal.style("dim", text),
        head: (text: string) => terminal.style("bold", text),
      }
    : {};
  return records.map((record) => previewText({ record, ...colours }));
}
