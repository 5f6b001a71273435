/** `countersteer judge resume`: judges what the run's own judge, and every other that was begun, has not judged. */
import type { Command } from "commander";
import { storedTasks, taskState } from "../../experiment/judging-task.ts";
import type { Rejudged } from "../../experiment/rejudge.ts";
import { openRun } from "../../store/open-store.ts";
import type { CliContext } from "../context.ts";
import { addMachineOptions, type MachineFlags } from "../options.ts";
import { rejudgedText, runTask } from "./run-task.ts";

interface ResumeFlags extends MachineFlags {
  failed?: boolean;
}

export function register(parent: Command, context: CliContext): void {
  const command = parent
    .command("resume")
    .description(
      "Judge what is stored and not judged: by the run's own judge, and by every other that `rejudge` has begun. Generates nothing.",
    )
    .argument("<run>", "the run's folder")
    .option("--failed", "judge again where a judge failed");
  addMachineOptions(command).action((dir: string, flags: ResumeFlags) => resume({ dir, flags, context }));
}

async function resume({
  dir,
  flags,
  context,
}: {
  dir: string;
  flags: ResumeFlags;
  context: CliContext;
}): Promise<void> {
  const retryFailed = flags.failed === true;
  using store = openRun({ dir, mode: "write" });
  const finished = store.events({ kind: "finished" }).length > 0;
  const results: Rejudged[] = [];
  for (const { judge, task } of storedTasks({ store })) {
    const { keys, ...state } = taskState({ store, judge, task, retryFailed });
    results.push(
      keys.length === 0
        ? { judge, repeat: task.repeat, ...state, now: {}, outages: 0, spent: null }
        : await runTask({ store, task, begunBy: judge, retryFailed, flags, context }),
    );
  }
  context.terminal.result({
    data: { dir, finished, judges: results },
    text: () =>
      [
        ...results.map((result) => rejudgedText({ result, dir })),
        ...(finished ? [] : [`The run has trials to generate; go on with: countersteer resume ${dir}`]),
      ].join("\n"),
  });
}
