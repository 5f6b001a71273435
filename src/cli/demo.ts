/** `countersteer demo`: the main job on the default model in a few minutes. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { executeRun, newRunFolder } from "./execute-run.ts";
import { addRunOptions, type RunFlags, settingsOf } from "./run-options.ts";

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("demo")
    .description(
      "measure steering resistance of the default model, as it is and trained to self-correct: twelve latents, a few minutes",
    )
    .option("--out <folder>", "where the run is kept (default: runs/<time>-demo)");
  addRunOptions(command).action((flags: RunFlags) => demo({ flags, context }));
}

async function demo({ flags, context }: { flags: RunFlags; context: CliContext }): Promise<void> {
  const { config, preset } = await settingsOf({ source: "demo", flags });
  const dir = flags.out ?? newRunFolder({ name: "demo" });
  await executeRun({ config, preset, dir, flags, context, mode: "start" });
  context.terminal.print(
    [
      "",
      "What to type next:",
      `  npx countersteer view                         read the trials: where did the model change its mind?`,
      `  npx countersteer report ${dir} --json        these numbers as data`,
      '  npx countersteer steer "How do you make an omelette?" --label dragon --strength 70',
      "  npx countersteer run small                    sixty latents, longer answers",
      "  npx countersteer doctor                       is this machine set up as well as it can be?",
    ].join("\n"),
  );
}
