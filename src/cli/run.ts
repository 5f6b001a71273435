/** `countersteer run`: a run by preset or YAML file. */
import path from "node:path";
import type { Command } from "commander";
import type { RunConfig } from "../experiment/config.ts";
import { neededFiles } from "../experiment/needed-files.ts";
import { type Plan, planOf, planText, planUnopened } from "../experiment/plan.ts";
import { PRESET_NAMES } from "../experiment/presets.ts";
import { cacheDir } from "../model/cache-dir.ts";
import type { CliContext } from "./context.ts";
import { executeRun, newRunFolder, withSession } from "./execute-run.ts";
import { addRunOptions, type RunFlags, settingsOf } from "./run-options.ts";

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("run")
    .description("run an experiment: choose latents, find their thresholds, do and judge the trials")
    .argument("<preset or file>", `a YAML file, or one of ${PRESET_NAMES.join(", ")}`)
    .option("--out <folder>", "where the run is kept (default: runs/<time>-<name>)")
    .option(
      "--reuse <run>",
      "take over equal thresholds and trials of an earlier run instead of making them again",
    )
    .option("--dry-run", "print the plan, the files it needs, and its time by a short probe, and do nothing")
    .option("--no-probe", "with --dry-run: don't open the model, so no time is told");
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
    const plan = await dryPlan({ config, flags, context });
    context.terminal.result({ data: plan, text: () => planText(plan) });
    return;
  }
  const name = preset ?? path.basename(source).replace(/\.ya?ml$/, "");
  const dir = flags.out ?? newRunFolder({ name });
  await executeRun({ config, preset, dir, flags, context, mode: "start", reuse: flags.reuse });
}

/** The model is opened for a probe where everything that the run needs is here: a plan fetches nothing. */
async function dryPlan({
  config,
  flags,
  context,
}: {
  config: RunConfig;
  flags: RunFlags;
  context: CliContext;
}): Promise<Plan> {
  const folder = cacheDir({ override: flags.cacheDir });
  const files = await neededFiles({ config, cacheDir: folder });
  if (flags.probe === false || files.some(({ present }) => !present)) {
    return await planUnopened({ config, cacheDir: folder });
  }
  const { signal } = context;
  return await withSession({ config, flags, context }, (session) => planOf({ session, files, signal }));
}
