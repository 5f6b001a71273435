/** `countersteer finetune evaluate`: whether adapters of a run say what they learned by heart, and what they cost on held-out text. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { assertSame } from "../../experiment/assert-same.ts";
import { parseConfig, type RunConfig } from "../../experiment/config.ts";
import { runAdapters, trainingOf } from "../../experiment/run-adapters.ts";
import { knownPhrases } from "../../finetune/evaluate/classify-restart.ts";
import { heldOutSets, LONGEST_TEXT } from "../../finetune/evaluate/held-out-texts.ts";
import { otherData } from "../../finetune/evaluate/other-data.ts";
import { restartWording } from "../../finetune/evaluate/restart-wording.ts";
import { measureRetention, type Retention } from "../../finetune/evaluate/retention.ts";
import { type Dataset, readDataset } from "../../finetune/train/read-dataset.ts";
import { chooseJudges } from "../../store/judge-choice.ts";
import { openRun } from "../../store/open-store.ts";
import type { RunStore } from "../../store/run-store.ts";
import type { CliContext } from "../context.ts";
import { withSession } from "../execute-run.ts";
import { wholeNumber } from "../numbers.ts";
import { addMachineOptions, type MachineFlags } from "../options.ts";
import { type Evaluation, evaluationText } from "./evaluate/evaluation-text.ts";

interface EvaluateFlags extends MachineFlags {
  data?: string;
  text?: string;
  judge?: string;
  list: number;
  retention: boolean;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("evaluate")
    .description(
      "Of a run of the design `finetune`: how many restarts are word for word from the training data, and how likely held-out text\n" +
        "is under each adapter, against the base model.",
    )
    .argument("<run>", "the run's folder")
    .option("--data <file>", "what the adapters were trained on (default: the `data` of the run's design)")
    .option("--text <file>", "held-out prose, a text a paragraph (default: one that is shipped)")
    .option("--judge <name>", "whose attempts count (default: the run's own judge)")
    .addOption(
      new Option("--list <n>", "phrases that are printed of each arm")
        .argParser(wholeNumber({ flag: "--list", min: 0 }))
        .default(5),
    )
    .option("--no-retention", "only what the run holds: no model is opened");
  addMachineOptions(command).action((dir: string, flags: EvaluateFlags) => evaluate({ dir, flags, context }));
}

async function evaluate({
  dir,
  flags,
  context,
}: {
  dir: string;
  flags: EvaluateFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  using store = openRun({ dir, mode: "read" });
  const config = parseConfig({
    settings: store.manifest().config,
    source: `${dir} (the run's own settings)`,
  });
  const training = trainingOf(config);
  const file = flags.data ?? training.data;
  if (file === null) throw noData(dir);
  const data = await readDataset({ file });
  for (const { name, path } of training.adapters) {
    const other = await otherData({ adapter: path, sha256: data.sha256 });
    if (other !== null) terminal.warn(`${name} was trained on other data than ${file}: on ${other}`);
  }
  const [named] = flags.judge === undefined ? [] : chooseJudges({ store, names: [flags.judge] });
  const judge = named?.judge ?? store.manifest().judge.id;
  const evaluation: Evaluation = {
    run: dir,
    data: { file, sha256: data.sha256 },
    judge,
    arms: restartWording({ store, known: knownPhrases(data), judge }),
    retention: flags.retention ? await retentionOf({ store, config, data, flags, context }) : null,
  };
  terminal.result({
    data: evaluation,
    text: () => evaluationText({ evaluation, list: flags.list, color: terminal.color }),
  });
}

async function retentionOf({
  store,
  config,
  data,
  flags,
  context,
}: {
  store: RunStore;
  config: RunConfig;
  data: Dataset;
  flags: EvaluateFlags;
  context: CliContext;
}): Promise<Retention[]> {
  const { terminal, signal } = context;
  const machine = { ...flags, context: Math.max(flags.context ?? 0, LONGEST_TEXT) };
  return await withSession({ config, flags: machine, context }, async (session) => {
    assertSame({ store, session, judge: null });
    const adapters = runAdapters({ store, session });
    const { engine } = session;
    const { text } = flags;
    const sets = await heldOutSets({
      engine,
      records: data.records,
      ...(text === undefined ? {} : { file: text }),
    });
    const total = (1 + adapters.length) * sets.reduce((sum, { texts }) => sum + texts.length, 0);
    let done = 0;
    return await measureRetention({
      engine,
      sets,
      adapters,
      signal,
      onText: () => {
        done += 1;
        terminal.status(`held-out texts: ${done} of ${total} read`);
      },
    });
  });
}

function noData(dir: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: "There are no training data.",
    why: `The settings of ${dir} name none, and no --data was given.`,
    todo: "Give --data, the file that the adapters were trained on.",
    facts: { run: dir },
  });
}
