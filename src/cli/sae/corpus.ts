/** `countersteer sae corpus`: answers of the model itself about a list of topics, as the text on which its SAE is trained. */
import { type Command, Option } from "commander";
import { asksAbout } from "../../activations/ask-about.ts";
import { generateAnswers } from "../../activations/generate-answers.ts";
import { readTopics } from "../../activations/read-topics.ts";
import type { CliContext } from "../context.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { openEngine } from "../open-engine.ts";
import { addMachineOptions, addModelOptions, type EngineFlags } from "../options.ts";

interface CorpusFlags extends EngineFlags {
  out: string;
  topics?: string;
  rounds: number;
  maxTokens: number;
  temperature: number;
  seed: number;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("corpus")
    .description(
      "Let the model write about topics: explanations, stories, how-to guides, dialogues. An existing file is completed, so a corpus\n" +
        "that was cut off goes on where it stopped.",
    )
    .requiredOption("--out <file>", "JSONL file to write")
    .option("--topics <file>", "one topic a line (default: 3,000 nouns of WordNet)")
    .addOption(
      new Option("--rounds <n>", "answers to each topic, each to another request")
        .argParser(wholeNumber({ flag: "--rounds", min: 1, max: 12 }))
        .default(2),
    )
    .addOption(
      new Option("--max-tokens <n>", "longest answer")
        .argParser(wholeNumber({ flag: "--max-tokens", min: 1 }))
        .default(200),
    )
    .addOption(
      new Option("--temperature <t>", "0 is greedy")
        .argParser(realNumber({ flag: "--temperature", min: 0 }))
        .default(0.6),
    )
    .addOption(
      new Option("--seed <n>", "of the sampling")
        .argParser(wholeNumber({ flag: "--seed", min: 0 }))
        .default(0),
    );
  addMachineOptions(addModelOptions(command));
  command.action((flags: CorpusFlags) => corpus({ flags, context }));
}

async function corpus({ flags, context }: { flags: CorpusFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  const { out, rounds, maxTokens, temperature, seed } = flags;
  const topics = await readTopics({ file: flags.topics ?? null });
  const opened = await openEngine({
    flags: { weights: "fast", ...flags },
    context,
    defaults: { slots: 48, contextPerSlot: maxTokens + 184 },
  });
  try {
    const started = performance.now();
    const documents = await generateAnswers({
      engine: opened.engine,
      asks: asksAbout({ topics, rounds }),
      file: out,
      sampling: { temperature, maxTokens },
      seed,
      signal,
      onProgress: ({ done, total, tokens }) =>
        terminal.status(() => {
          const rate = tokens / ((performance.now() - started) / 1000);
          return `${done} of ${total} answers, ${rate.toFixed(0)} tokens/s`;
        }),
    });
    terminal.result({
      data: { file: out, documents: documents.length, topics: topics.length, rounds },
      text: () => `${out}\n${documents.length} answers about ${topics.length} topics`,
    });
  } finally {
    await opened.close();
  }
}
