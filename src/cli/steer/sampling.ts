/** How `steer` samples. */
import { type Command, Option } from "commander";
import { GREEDY, type Sampling } from "../../engine/engine.ts";
import type { KnownModel } from "../../model/registry.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { addSeedOption } from "../options.ts";

export interface SamplingFlags {
  maxTokens: number;
  temperature: number;
  repetitionPenalty?: number;
  seed?: number;
}

export function addSamplingOptions(command: Command): Command {
  command
    .addOption(
      new Option("--max-tokens <n>", "longest answer")
        .argParser(wholeNumber({ flag: "--max-tokens", min: 1 }))
        .default(160),
    )
    .addOption(
      new Option("--temperature <t>", "0 is greedy")
        .argParser(realNumber({ flag: "--temperature", min: 0 }))
        .default(0.6),
    )
    .addOption(
      new Option("--repetition-penalty <p>", "1 is off (default: the model's)").argParser(
        realNumber({ flag: "--repetition-penalty", min: 0.01 }),
      ),
    );
  return addSeedOption(command);
}

export function samplingOf({ flags, known }: { flags: SamplingFlags; known: KnownModel | null }): Sampling {
  const { maxTokens, temperature, seed = 0, repetitionPenalty } = flags;
  return {
    ...GREEDY,
    maxTokens,
    temperature,
    seed,
    repetitionPenalty: repetitionPenalty ?? known?.defaults.repetitionPenalty ?? 1,
  };
}
