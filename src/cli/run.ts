/** `countersteer run`: a run by preset or YAML file. */
import path from "node:path";
import type { Command } from "commander";
import { planOf, planText } from "../experiment/plan.ts";
import { PRESETS } from "../experiment/presets.ts";
import type { CliContext } from "./context.ts";
import { executeRun, newRunFolder, withSession } from "./execute-run.ts";
import { addRunOptions, type RunFlags, settingsOf } from "./run-options.ts";

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("run")
    .description("run an experiment: choose latents, find their thresholds, do and judge the trials")
    .argument("<preset or file>", `a YAML file, or one of ${Object.keys(PRESETS).join(", ")}`)
    .option("--out <folder>", "where the run is kept (default: runs/<time>-<name>)")
    .option("--dry-run", "print the plan and its time, measured by a short probe, and do nothing");
  addRunOptions(command).action((source: string, flags: RunFlags) => run({ source, flags, context }));
}

async function run({
  source,
  flags,
  context,
}: {
  source: string;
  flags: RunFlags;
  context: CliContext;
}): Promise<void> {
  const { config, preset } = await settingsOf({ source, flags });
  if (flags.dryRun) {
    const { signal, terminal } = context;
    const plan = await withSession({ config, flags, context }, (session) => planOf({ session, signal }));
    terminal.result({ data: plan, text: () => planText(plan) });
    return;
  }
  const name = preset ?? path.basename(source).replace(/\.ya?ml$/, "");
  const dir = flags.out ?? newRunFolder({ name });
  await executeRun({ config, preset, dir, flags, context, mode: "start" });
}
