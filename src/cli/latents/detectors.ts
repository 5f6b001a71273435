/** `countersteer latents detectors`: finds the latents that fire on off-topic answers. */
import { type Command, Option } from "commander";
import { writeDetectors } from "../../latents/detectors/detector-file.ts";
import { findDetectors } from "../../latents/detectors/find-detectors.ts";
import {
  DETECTOR_RULES,
  type DetectorRule,
  type DetectorSettings,
  POOLINGS,
  type Pooling,
} from "../../latents/detectors/rules.ts";
import { checkWritable } from "../capture/files.ts";
import type { CliContext } from "../context.ts";
import { labelsIfAny } from "../labels-beside.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { openEngineWithSae } from "../open-engine.ts";
import { packageVersion } from "../package-version.ts";
import { type AnswerFlags, addAnswerOptions, answersOf } from "./answer-source.ts";
import { detectorText } from "./detector-text.ts";

interface DetectorFlags extends AnswerFlags {
  rule: DetectorRule;
  derangements?: number;
  top?: number;
  alpha?: number;
  holdOut?: number;
  pooling?: Pooling;
  minFiring?: number;
}

const CONTEXT = 512;
const SLOTS = 8;

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("detectors")
    .description(
      "Find off-topic detectors: latents that fire more on answers read under another question than on the same answers under their own.\n" +
        "Half of the prompts select, the other half confirms. Use prompts that no evaluation uses.",
    )
    .requiredOption("--out <file>", "where the detectors go, as JSON")
    .addOption(
      new Option(
        "--rule <name>",
        "ours, paper (the published finder's), or shipped (that of the reference's file)",
      )
        .argParser(oneOfNames({ flag: "--rule", names: DETECTOR_RULES }))
        .default("ours"),
    )
    .addOption(
      new Option(
        "--derangements <n>",
        "other questions that each answer is read under (default: the rule's; ours: 8)",
      ).argParser(wholeNumber({ flag: "--derangements", min: 1 })),
    )
    .addOption(
      new Option("--top <n>", "detectors at most (default: the rule's; ours: 26)").argParser(
        wholeNumber({ flag: "--top", min: 1 }),
      ),
    )
    .addOption(
      new Option("--alpha <share>", "false discovery rate (default: 0.05)").argParser(
        realNumber({ flag: "--alpha", min: 0, max: 1 }),
      ),
    )
    .addOption(
      new Option(
        "--hold-out <share>",
        "share of the prompts that confirms (default: the rule's; ours: 0.5)",
      ).argParser(realNumber({ flag: "--hold-out", min: 0, max: 0.9 })),
    )
    .addOption(
      new Option(
        "--pooling <kind>",
        "mean or max over the tokens (default: the rule's; ours: mean)",
      ).argParser(oneOfNames({ flag: "--pooling", names: POOLINGS })),
    )
    .addOption(
      new Option(
        "--min-firing <share>",
        "test latents that fire in this share of the readings (default: the rule's; ours: 0.1)",
      ).argParser(realNumber({ flag: "--min-firing", min: 0, max: 1 })),
    );
  addAnswerOptions(command);
  command.action((flags: DetectorFlags) => detectors({ flags, context }));
}

async function detectors({ flags, context }: { flags: DetectorFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  await checkWritable({ file: flags.out });
  const seed = flags.seed ?? 0;
  const opened = await openEngineWithSae({
    flags,
    context,
    defaults: { slots: SLOTS, contextPerSlot: CONTEXT },
  });
  try {
    const answers = await answersOf({ opened, flags, seed, context });
    const file = await findDetectors({
      ...opened,
      answers,
      rule: flags.rule,
      settings: settingsOf(flags),
      maxTokens: flags.maxTokens,
      labels: labelsIfAny({ dictionary: opened.dictionary }) ?? [],
      seed,
      version: packageVersion(),
      signal,
      onReading: ({ done, total }) => terminal.status(`reading: ${done} of ${total} answers`),
    });
    await writeDetectors({ path: flags.out, file });
    const { answers: _, ...data } = file;
    terminal.result({
      data: { out: flags.out, ...data },
      text: () => detectorText({ file, out: flags.out }),
    });
  } finally {
    await opened.close();
  }
}

function settingsOf(flags: DetectorFlags): Partial<DetectorSettings> {
  const { derangements, top, alpha, holdOut, pooling, minFiring } = flags;
  return {
    ...(derangements === undefined ? {} : { derangements }),
    ...(top === undefined ? {} : { top }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(holdOut === undefined ? {} : { holdOut }),
    ...(pooling === undefined ? {} : { pooling }),
    ...(minFiring === undefined ? {} : { minFiringShare: minFiring }),
  };
}
