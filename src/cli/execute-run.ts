/** What `run`, `resume` and `demo` share: open, run with a live line, report. */
import { existsSync } from "node:fs";
import path from "node:path";
import { isCode } from "../errors.ts";
import type { RunConfig } from "../experiment/config.ts";
import { resumeRun, startRun } from "../experiment/run.ts";
import { openSession, type Session } from "../experiment/session.ts";
import { runReport, runReportText } from "../report/run-report.ts";
import { checkPlaceOfRun, openRun } from "../store/open-store.ts";
import type { CliContext } from "./context.ts";
import { hubAccess } from "./hub-access.ts";
import { llmKeys } from "./llm-keys.ts";
import { type Machine, machineOf } from "./machine.ts";
import type { MachineFlags } from "./options.ts";
import { progressLine } from "./progress-line.ts";
import { serverKey } from "./server-flags.ts";

export interface ExecuteOptions {
  config: RunConfig;
  preset: string | null;
  dir: string;
  flags: MachineFlags;
  context: CliContext;
  mode: "start" | "resume";
  /** Folder of a run of which equal thresholds and trials are taken over. @default none */
  reuse?: string | undefined;
}

/** Runs to the end and prints the report; after Ctrl-C says how to go on. */
export async function executeRun(options: ExecuteOptions): Promise<void> {
  const { config, preset, dir, context, mode, reuse } = options;
  const { terminal, signal } = context;
  if (mode === "start") checkPlaceOfRun({ dir });
  await withSession({ ...options, config }, async (session, machine) => {
    const common = {
      session,
      cacheDir: machine.cacheDir,
      llm: { keys: llmKeys(context.env) },
      pull: { onProgress: machine.onPull, ...hubAccess(context.env) },
      signal,
      onWarning: machine.onWarning,
      onProgress: (progress: Parameters<typeof progressLine>[0]) =>
        terminal.status(() => progressLine(progress)),
    };
    try {
      if (mode === "start") {
        using earlier = reuse === undefined ? null : openRun({ dir: reuse, mode: "read" });
        await startRun({ ...common, dir, preset, reuse: earlier });
      } else {
        using store = openRun({ dir, mode: "write" });
        await resumeRun({ ...common, store });
      }
    } catch (error) {
      if (isCode(error, "ABORTED")) {
        terminal.note(
          existsSync(dir)
            ? `Stopped. Finished trials are kept; go on with: countersteer resume ${dir}`
            : "Stopped before the run began; nothing was stored.",
        );
      }
      throw error;
    }
  });
  printReport({ dir, context });
}

/** Opens what a configuration names, does the work, and closes it again whatever happens. */
export async function withSession<T>(
  { config, flags, context }: Pick<ExecuteOptions, "config" | "flags" | "context">,
  work: (session: Session, machine: Machine) => Promise<T>,
): Promise<T> {
  const machine = await machineOf({ flags, context });
  context.terminal.status("opening the model");
  const vllm = { apiKey: serverKey(context.env) };
  const session = await openSession({ config, machine: { ...machine, vllm, hub: hubAccess(context.env) } });
  try {
    return await work(session, machine);
  } finally {
    await session.close();
  }
}

function printReport({ dir, context }: { dir: string; context: CliContext }): void {
  const { terminal } = context;
  using store = openRun({ dir, mode: "read" });
  const report = runReport({ store });
  terminal.result({
    data: report,
    text: () => runReportText({ report, color: terminal.color, width: terminal.columns }),
  });
}

/** `runs/<date>-<time>-<name>` under the working folder. */
export function newRunFolder({ name, now = new Date() }: { name: string; now?: Date }): string {
  const stamp = now.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
  return path.join("runs", `${stamp}-${name}`);
}
