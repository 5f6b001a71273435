/** The whole command line program with every module loaded, for what is written about it. Nothing is run. */
import type { Command } from "commander";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { newProgram } from "../../src/cli/program.ts";
import { registerCommands } from "../../src/cli/register-commands.ts";
import { Terminal } from "../../src/cli/terminal.ts";

/** A module is loaded where its name is among the words, and only then names its own subcommands: so until no name is new. */
export async function wholeProgram(): Promise<Command> {
  let names: string[] = [];
  for (;;) {
    const program = newProgram();
    await registerCommands({ parent: program, commands: COMMANDS, context: silentContext(names) });
    const found = [...new Set(commandsOf(program).map((command) => command.name()))];
    if (found.length === names.length) return program;
    names = found;
  }
}

/** Every command below, in the order of the help, a group before its own. */
export function commandsOf(parent: Command): Command[] {
  return parent.commands.flatMap((command) => [command, ...commandsOf(command)]);
}

/** `["judge", "labels", "export"]` */
export function pathOf(command: Command): string[] {
  const { parent } = command;
  return parent === null ? [] : [...pathOf(parent), command.name()];
}

function silentContext(words: readonly string[]): CliContext {
  const nowhere = { write: () => true };
  const terminal = new Terminal({ stdout: nowhere, stderr: nowhere, env: {}, json: false });
  return { terminal, signal: new AbortController().signal, env: {}, words, exit: { code: 0 } };
}
