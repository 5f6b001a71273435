/** What `judge rejudge` and `judge resume` share: one judge over stored responses, with a live line, and words for how it ended. */
import { isCode } from "../../errors.ts";
import { parseConfig } from "../../experiment/config.ts";
import type { JudgingTask } from "../../experiment/judging-task.ts";
import { type Rejudged, type RejudgeProgress, rejudge } from "../../experiment/rejudge.ts";
import type { Session } from "../../experiment/session.ts";
import type { RunStore } from "../../store/run-store.ts";
import type { CliContext } from "../context.ts";
import { withSession } from "../execute-run.ts";
import { hubAccess } from "../hub-access.ts";
import { llmKeys } from "../llm-keys.ts";
import { type Machine, machineOf } from "../machine.ts";
import type { MachineFlags } from "../options.ts";
import { duration } from "../progress-line.ts";

export interface RunTaskOptions {
  store: RunStore;
  task: JudgingTask;
  /** The name that the judge must have; null for any. */
  begunBy: string | null;
  retryFailed: boolean;
  flags: MachineFlags;
  context: CliContext;
}

/** Opens the run's model for the likelihood judge only. */
export async function runTask(options: RunTaskOptions): Promise<Rejudged> {
  const { store, task, flags, context } = options;
  if (task.settings.kind !== "likelihood") {
    return await judgeWith({ ...options, session: null, machine: await machineOf({ flags, context }) });
  }
  const { config: settings } = store.manifest();
  const config = {
    ...parseConfig({ settings, source: `${store.dir} (the run's own settings)` }),
    judge: task.settings,
  };
  return await withSession({ config, flags, context }, (session, machine) =>
    judgeWith({ ...options, session, machine }),
  );
}

type JudgeWithOptions = RunTaskOptions & { session: Session | null; machine: Machine };

async function judgeWith(options: JudgeWithOptions): Promise<Rejudged> {
  const { store, task, begunBy, retryFailed, context, session, machine } = options;
  const { terminal, signal, env } = context;
  terminal.status("opening the judge");
  const started = performance.now();
  try {
    return await rejudge({
      store,
      task,
      session,
      begunBy,
      retryFailed,
      cacheDir: machine.cacheDir,
      llm: { keys: llmKeys(env) },
      pull: { onProgress: machine.onPull, ...hubAccess(env) },
      onWarning: machine.onWarning,
      onProgress: (progress) =>
        terminal.status(() => taskLine({ progress, seconds: (performance.now() - started) / 1000 })),
      signal,
    });
  } catch (error) {
    if (isCode(error, "ABORTED") || isCode(error, "LLM_UNAVAILABLE")) {
      terminal.note(`What was judged is kept; go on with: countersteer judge resume ${store.dir}`);
    }
    throw error;
  }
}

/** The live line. */
function taskLine({ progress, seconds }: { progress: RejudgeProgress; seconds: number }): string {
  const { judge, done, total, failures, spent } = progress;
  const left = done === 0 || done >= total ? null : (seconds / done) * (total - done);
  return [
    `judging by ${judge}`,
    `${done}/${total}`,
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(spent?.costUsd ? [`$${spent.costUsd.toFixed(2)}`] : []),
    ...(left === null ? [] : [`${duration(left)} left`]),
  ].join(" · ");
}

/** How a task ended. */
export function rejudgedText({ result, dir }: { result: Rejudged; dir: string }): string {
  const { judge, repeat, responses, errored, judged, failures, now, outages, spent } = result;
  const fresh = Object.entries(now);
  const sum = fresh.reduce((total, [, count]) => total + count, 0);
  const said = fresh.map(([status, count]) => `${count} ${status}`).join(", ");
  return [
    `${judge}${repeat > 0 ? `, repeat ${repeat}` : ""}: ${responses} responses, ${judged} judged before${failures > 0 ? ` (${failures} of them failures: judge these again with --failed)` : ""}, ${sum} now${said === "" ? "" : ` (${said})`}.`,
    ...(errored > 0 ? [`${errored} trials have no response and are left out.`] : []),
    ...(outages > 0 ? [`${outages} could not be asked; go on with: countersteer judge resume ${dir}`] : []),
    ...(spent === null ? [] : [spentText(spent)]),
  ].join("\n");
}

function spentText({
  calls = 0,
  cachedCalls = 0,
  inputTokens = 0,
  outputTokens = 0,
  costUsd = 0,
  unpricedCalls = 0,
}: Record<string, number>): string {
  const cost =
    unpricedCalls > 0
      ? `$${costUsd.toFixed(2)}, and ${unpricedCalls} calls without a known price`
      : `$${costUsd.toFixed(2)}`;
  return `Spent: ${calls} calls and ${cachedCalls} answers from the cache; ${inputTokens} tokens in, ${outputTokens} out; ${cost}.`;
}
