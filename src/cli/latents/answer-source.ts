/** What the commands that read answers with an SAE have in common: their flags, and answers from a file or from the unsteered model asked the held-out prompts. */
import { type Command, Option } from "commander";
import { type Answer, generateUnsteered, readAnswers } from "../../latents/detectors/answers.ts";
import { loadPrompts } from "../../latents/prompt-set.ts";
import { assetPath } from "../../sae/asset-path.ts";
import type { CliContext } from "../context.ts";
import { wholeNumber } from "../numbers.ts";
import type { OpenedWithSae } from "../open-engine.ts";
import {
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  addSeedOption,
  type EngineFlags,
} from "../options.ts";

export interface AnswerFlags extends EngineFlags {
  /** File of the result. */
  out: string;
  seed?: number;
  answers: number;
  prompts?: string;
  docs?: string;
  maxTokens: number;
}

/** With those of the model, the SAE and the machine. */
export function addAnswerOptions(command: Command): Command {
  command
    .addOption(
      new Option("--answers <n>", "ask so many questions, in the order of the prompts")
        .argParser(wholeNumber({ flag: "--answers", min: 6 }))
        .default(38),
    )
    .option("--prompts <file>", "one prompt a line (default: the shipped held-out prompts)")
    .option("--docs <file>", "take the answers from a .jsonl file of chats instead")
    .addOption(
      new Option("--max-tokens <n>", "tokens of an answer at most")
        .argParser(wholeNumber({ flag: "--max-tokens", min: 1 }))
        .default(200),
    );
  return addMachineOptions(addSaeOptions(addModelOptions(addSeedOption(command))));
}

/** Throws CONFIG_INVALID, PROMPT_EMPTY, and what the engine throws. */
export async function answersOf({
  opened: { engine, known },
  flags,
  seed,
  context: { terminal, signal },
}: {
  opened: OpenedWithSae;
  flags: AnswerFlags;
  seed: number;
  context: CliContext;
}): Promise<Answer[]> {
  if (flags.docs !== undefined) return await readAnswers({ file: flags.docs });
  const repetitionPenalty = known?.defaults.repetitionPenalty;
  return await generateUnsteered({
    engine,
    prompts: await loadPrompts({ path: flags.prompts ?? assetPath("prompts/held-out.txt") }),
    count: flags.answers,
    seed,
    sampling: {
      maxTokens: flags.maxTokens,
      ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
    },
    signal,
    onAnswer: (done) => terminal.status(`answers: ${done} of ${flags.answers}`),
  });
}
