/** `countersteer judge rejudge`: another judge over the responses of a stored run. */
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import type { JudgingTask } from "../../experiment/judging-task.ts";
import { type RejudgePlan, rejudgePlan } from "../../experiment/rejudge-plan.ts";
import type { JudgeSettings } from "../../judge/judge-settings.ts";
import { openRun } from "../../store/open-store.ts";
import type { CliContext } from "../context.ts";
import { addJudgeOptions, type JudgeFlags } from "../judge-options.ts";
import { wholeNumber } from "../numbers.ts";
import { addMachineOptions, type MachineFlags } from "../options.ts";
import { settingsOf } from "../run-options.ts";
import { rejudgedText, runTask } from "./run-task.ts";

interface RejudgeFlags extends JudgeFlags, MachineFlags {
  config?: string;
  arm?: string;
  sample?: number;
  seed: number;
  repeat: number;
  failed?: boolean;
  dryRun?: boolean;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("rejudge")
    .description(
      "Let another judge judge the responses of a stored run. Needs no model of the run, but for the likelihood judge. Goes on where it was cut off.",
    )
    .argument("<run>", "the run's folder");
  addJudgeOptions(command)
    .option("--config <file>", "YAML file whose `judge` holds the settings that have no flag here")
    .option("--arm <name>", "responses of one arm only")
    .addOption(
      new Option("--sample <n>", "a random sample of the responses").argParser(
        wholeNumber({ flag: "--sample", min: 1 }),
      ),
    )
    .addOption(
      new Option("--seed <n>", "of the sample").argParser(wholeNumber({ flag: "--seed", min: 0 })).default(0),
    )
    .addOption(
      new Option("--repeat <n>", "judge the same responses anew, under this number")
        .argParser(wholeNumber({ flag: "--repeat", min: 0 }))
        .default(0),
    )
    .option("--failed", "judge again where this judge failed")
    .option("--dry-run", "say what it would take and cost, and do nothing");
  addMachineOptions(command).action((dir: string, flags: RejudgeFlags) =>
    rejudgeRun({ dir, flags, context }),
  );
}

async function rejudgeRun({
  dir,
  flags,
  context,
}: {
  dir: string;
  flags: RejudgeFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  const { arm = null, sample = null, seed, repeat, failed = false, dryRun = false } = flags;
  const task: JudgingTask = { settings: await judgeOf(flags), arm, sample, seed, repeat };
  using store = openRun({ dir, mode: dryRun ? "read" : "write" });
  const plan = rejudgePlan({ store, task, retryFailed: failed });
  if (dryRun) {
    terminal.result({ data: plan, text: () => planText(plan) });
    return;
  }
  if (repeat > 0 && plan.judge === store.manifest().judge.id) {
    terminal.warn(
      `${plan.judge} is the run's own judge: reports will show repeat ${repeat} where there is one`,
    );
  }
  const result = await runTask({ store, task, begunBy: null, retryFailed: failed, flags, context });
  terminal.result({ data: result, text: () => rejudgedText({ result, dir }) });
}

/** Throws CONFIG_INVALID without a judge: the default of a run would be a surprise here. */
async function judgeOf(flags: RejudgeFlags): Promise<JudgeSettings> {
  if (flags.judge === undefined && flags.config === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "There is no judge.",
      why: "Another judge than the run's must be named.",
      todo: "Give --judge llm, local-llm or likelihood.",
      facts: { option: "--judge" },
    });
  }
  const { judge, judgeModel, judgeProvider, judgeBaseUrl, judgeStructured, blind, votes } = flags;
  const { judgeConcurrency, judgeRpm } = flags;
  const given = { judge, judgeModel, judgeProvider, judgeBaseUrl, judgeStructured, blind, votes };
  const { config } = await settingsOf({
    // a preset says nothing of the judge
    source: flags.config ?? "demo",
    flags: defined({ ...given, judgeConcurrency, judgeRpm }),
  });
  return config.judge;
}

function defined(flags: { [K in keyof JudgeFlags]: JudgeFlags[K] | undefined }): JudgeFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function planText({ judge, responses, errored, judged, failures, toJudge, calls }: RejudgePlan): string {
  const cost = calls?.costUsd ?? null;
  return [
    `judge        ${judge ?? "a local model (what it has judged is not known before it is opened)"}`,
    `responses    ${responses}${errored > 0 ? `, and ${errored} trials without one` : ""}`,
    `judged       ${judged}${failures > 0 ? `, of which ${failures} failed` : ""}`,
    `to judge     ${toJudge}`,
    ...(calls === null
      ? []
      : [
          `calls        ${calls.calls} at most; ${calls.inputTokens} tokens in, ${calls.outputTokens} out`,
          `cost         ${cost === null ? "unknown: give judge.price" : `$${cost.toFixed(2)}`}${calls.priceOf === null ? "" : ` (prices of ${calls.priceOf})`}`,
        ]),
  ].join("\n");
}
