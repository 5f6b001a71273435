/** A table of commands of which only the ones named on the command line are loaded, so that help comes at once. */
import type { Command } from "commander";
import type { CliContext, CommandModule } from "./context.ts";

export interface CommandEntry {
  name: string;
  /** Shown in the overview; the module gives the full description. */
  summary: string;
  load: () => Promise<CommandModule>;
}

/** Adds every command of the table to `parent`; those that `context.words` do not name have a summary and no action. */
export async function registerCommands({
  parent,
  commands,
  context,
}: {
  parent: Command;
  commands: CommandEntry[];
  context: CliContext;
}): Promise<void> {
  for (const { name, summary, load } of commands) {
    if (context.words.includes(name)) {
      const { register } = await load();
      await register(parent, context);
    } else {
      parent.command(name).description(summary);
    }
  }
}
