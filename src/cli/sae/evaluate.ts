/** `countersteer sae evaluate`: how good dictionaries are on held-out documents, in one table. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import {
  type EvaluationProgress,
  type EvaluationWithLatents,
  evaluateDictionaries,
} from "../../activations/evaluate-dictionary.ts";
import { readDocuments } from "../../activations/read-documents.ts";
import { checkSae } from "../../engine/check-sae.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { checkWritable } from "../capture/files.ts";
import type { CliContext } from "../context.ts";
import { wholeNumber } from "../numbers.ts";
import { openEngineWithSae } from "../open-engine.ts";
import {
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  addSeedOption,
  type EngineFlags,
} from "../options.ts";
import { evaluationText } from "./evaluation-text.ts";
import { openSae } from "./open-sae.ts";

interface EvaluateFlags extends EngineFlags {
  docs: string[];
  against?: string[];
  tokens: number;
  ceDocuments: number;
  skipFirst: number;
  /** False for `--no-skip-prefix`. */
  skipPrefix: boolean;
  perLatent?: string;
  seed?: number;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("evaluate")
    .description(
      "Measure dictionaries on held-out documents: sparsity, reconstruction, dead latents, and the model's loss with each spliced in.\n" +
        "Intervals are by document. All dictionaries see the same rows.",
    )
    .requiredOption("--docs <files...>", "held-out documents: .jsonl (chats or texts) or .txt")
    .option("--against <sae...>", "more dictionaries, in columns of their own")
    .addOption(number("--tokens <n>", "rows to measure", { min: 100, value: 20_000 }))
    .addOption(
      number("--ce-documents <n>", "documents to measure the loss on; 0 for none", { min: 0, value: 60 }),
    )
    .addOption(
      number("--skip-first <n>", "rows at the start of each sequence that are left as they are", {
        min: 0,
        value: 1,
      }),
    )
    .option("--no-skip-prefix", "measure the rows with which every chat begins, too")
    .option("--per-latent <file>", "write frequency, maximum and mean of every latent to a JSONL file");
  addMachineOptions(addSeedOption(addSaeOptions(addModelOptions(command))));
  command.action((flags: EvaluateFlags) => evaluate({ flags, context }));
}

function number(flags: string, description: string, { min, value }: { min: number; value: number }): Option {
  const flag = flags.split(" ")[0] ?? flags;
  return new Option(flags, description).argParser(wholeNumber({ flag, min })).default(value);
}

async function evaluate({ flags, context }: { flags: EvaluateFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  const { docs, tokens, ceDocuments, skipFirst, skipPrefix, perLatent, seed } = flags;
  if (perLatent !== undefined) await checkWritable({ file: perLatent });
  const others: Dictionary[] = [];
  try {
    for (const sae of flags.against ?? []) others.push(await openSae({ sae, flags, context }));
    const opened = await openEngineWithSae({ flags, context, defaults: { slots: 1, contextPerSlot: 1024 } });
    try {
      const { engine, dictionary, layer } = opened;
      const allowLayerMismatch = flags.allowLayerMismatch === true;
      for (const other of others) {
        for (const warning of checkSae({ dictionary: other, info: engine.info, layer, allowLayerMismatch })) {
          terminal.warn(warning);
        }
      }
      const result = await evaluateDictionaries({
        engine,
        documents: readDocuments({ files: docs }),
        dictionaries: [dictionary, ...others],
        layer,
        tokens,
        lossDocuments: ceDocuments,
        skipFirst,
        skipPrefix,
        ...(seed === undefined ? {} : { seed }),
        signal,
        onProgress: (progress) => terminal.status(() => progressText(progress)),
      });
      if (perLatent !== undefined) await writeLatents({ file: perLatent, result });
      const { latents: _, ...evaluation } = result;
      const { name, fileHash, weightType, weightMode } = engine.info;
      const data = { model: { name, fileHash, weightType, weightMode }, docs, ...evaluation };
      terminal.result({ data, text: () => evaluationText({ evaluation, color: terminal.color }) });
    } finally {
      await opened.close();
    }
  } finally {
    for (const other of others) other.close();
  }
}

function progressText({ phase, done, total }: EvaluationProgress): string {
  return phase === "rows" ? `measuring: ${done} of ${total} rows` : `scoring: ${done} of ${total} sequences`;
}

/** One line a latent: `sae`, `latent`, `frequency`, `max`, `meanWhenActive`. */
async function writeLatents({
  file,
  result,
}: {
  file: string;
  result: EvaluationWithLatents;
}): Promise<void> {
  const lines = result.latents.flatMap((uses, i) =>
    uses.map((use) => `${JSON.stringify({ sae: result.dictionaries[i]?.dictionary.path, ...use })}\n`),
  );
  await pipeline(Readable.from(lines), createWriteStream(file));
}
