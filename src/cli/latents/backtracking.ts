/** `countersteer latents backtracking`: finds the latents of owning up and starting over, by label or by contrast. */
import { type Command, Option } from "commander";
import {
  BACKTRACKING_SCHEMA,
  type BacktrackingFile,
  writeBacktracking,
} from "../../latents/backtracking/backtracking-file.ts";
import { backtrackingByContrast } from "../../latents/backtracking/by-contrast.ts";
import { backtrackingByLabel } from "../../latents/backtracking/by-label.ts";
import { DEFAULT_MODEL, findModel } from "../../model/registry.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import { checkWritable } from "../capture/files.ts";
import type { CliContext } from "../context.ts";
import { labelsBeside, labelsIfAny } from "../labels-beside.ts";
import { realNumber, wholeNumber } from "../numbers.ts";
import { oneOfNames } from "../one-of-names.ts";
import { openEngineWithSae } from "../open-engine.ts";
import { packageVersion } from "../package-version.ts";
import { saeOf } from "../sae-of.ts";
import { type AnswerFlags, addAnswerOptions, answersOf } from "./answer-source.ts";
import { backtrackingText } from "./backtracking-text.ts";
import { restartTexts } from "./restart-source.ts";

const WAYS = ["contrast", "label"] as const;

interface BacktrackingFlags extends AnswerFlags {
  by: (typeof WAYS)[number];
  run?: string[];
  minScore?: number;
  permutations?: number;
  minFiring?: number;
  alpha?: number;
  top?: number;
}

const CONTEXT = 768;
const SLOTS = 8;

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("backtracking")
    .description(
      "Find backtracking latents: by contrast, those that fire more on restart phrases than around them; by label, those whose labels speak of errors and apologies.\n" +
        "Restarts come from the runs of --run and the chats of --docs, or are made of the model's own answers.",
    )
    .requiredOption("--out <file>", "where the latents go, as JSON")
    .addOption(
      new Option("--by <way>", "contrast, or label (needs no model)")
        .argParser(oneOfNames({ flag: "--by", names: WAYS }))
        .default("contrast"),
    )
    .option("--run <folders...>", "restarts of these stored runs, as their own judges see them")
    .addOption(
      new Option("--permutations <n>", "random places of the phrases (default: 1000)").argParser(
        wholeNumber({ flag: "--permutations", min: 20 }),
      ),
    )
    .addOption(
      new Option(
        "--min-firing <share>",
        "test latents that fire in this share of the answers (default: 0.2)",
      ).argParser(realNumber({ flag: "--min-firing", min: 0, max: 1 })),
    )
    .addOption(
      new Option("--alpha <share>", "false discovery rate (default: 0.05)").argParser(
        realNumber({ flag: "--alpha", min: 0, max: 1 }),
      ),
    )
    .addOption(
      new Option("--min-score <n>", "with --by label: least score of a label (default: 2)").argParser(
        realNumber({ flag: "--min-score", min: 0 }),
      ),
    )
    .addOption(
      new Option("--top <n>", "latents at most (default: 16 by contrast, all by label)").argParser(
        wholeNumber({ flag: "--top", min: 1 }),
      ),
    );
  addAnswerOptions(command);
  command.action((flags: BacktrackingFlags) => backtracking({ flags, context }));
}

interface Options {
  flags: BacktrackingFlags;
  context: CliContext;
}

async function backtracking({ flags, context }: Options): Promise<void> {
  await checkWritable({ file: flags.out });
  const file = flags.by === "label" ? byLabel(flags) : await byContrast({ flags, context });
  await writeBacktracking({ path: flags.out, file });
  context.terminal.result({
    data: { out: flags.out, ...file },
    text: () => backtrackingText({ file, out: flags.out }),
  });
}

function byLabel(flags: BacktrackingFlags): BacktrackingFile {
  const dictionary = openDictionary({
    path: saeOf({ flags, known: findModel(flags.model ?? DEFAULT_MODEL) }),
  });
  try {
    const { minScore = 2, top = null } = flags;
    const { path, latents } = dictionary;
    return {
      schema: BACKTRACKING_SCHEMA,
      by: "label",
      settings: { minScore, top },
      provenance: { version: packageVersion(), sae: { path, hash: dictionary.hash(), latents } },
      latents: backtrackingByLabel({ labels: labelsBeside({ dictionary }), minScore, top }),
    };
  } finally {
    dictionary.close();
  }
}

async function byContrast({ flags, context }: Options): Promise<BacktrackingFile> {
  const { terminal, signal } = context;
  const { permutations, minFiring, alpha, top, seed = 0, run = [], docs = null, maxTokens } = flags;
  const opened = await openEngineWithSae({
    flags,
    context,
    defaults: { slots: SLOTS, contextPerSlot: CONTEXT },
  });
  try {
    const { engine, dictionary } = opened;
    const found = await restartTexts({
      engine,
      runs: run,
      docs,
      answers: () => answersOf({ opened, flags, seed, context }),
      maxTokens,
      seed,
    });
    return await backtrackingByContrast({
      ...opened,
      ...found,
      ...(permutations === undefined ? {} : { permutations }),
      ...(minFiring === undefined ? {} : { minFiringShare: minFiring }),
      ...(alpha === undefined ? {} : { alpha }),
      ...(top === undefined ? {} : { top }),
      labels: labelsIfAny({ dictionary }) ?? [],
      seed,
      version: packageVersion(),
      signal,
      onReading: (done) => terminal.status(`reading: ${done} of ${found.texts.length} restarts`),
    });
  } finally {
    await opened.close();
  }
}
