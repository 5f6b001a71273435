/** Whether the program would take a command line: its command, every flag and every value, read by its own parser. Nothing is run. */
import { type Command, CommanderError } from "commander";
import { messageOf } from "../../src/errors.ts";
import { commandsOf, wholeProgram } from "./command-tree.ts";

export interface CommandChecker {
  /** null where the program takes it, else what it would say. */
  check: (words: readonly string[]) => Promise<string | null>;
  /** As `check`, of a mention in running text: what must be given may be left out, and `N` stands for any value. */
  checkMention: (words: readonly string[]) => Promise<string | null>;
}

export async function commandChecker(): Promise<CommandChecker> {
  const program = await wholeProgram();
  for (const command of [program, ...commandsOf(program)]) silence(command);
  const refusal = async (words: readonly string[]): Promise<unknown> => {
    try {
      await program.parseAsync([...words], { from: "user" });
      return null;
    } catch (error) {
      return error;
    }
  };
  const isHelp = (error: unknown) => error instanceof CommanderError && error.exitCode === 0;
  return {
    check: async (words) => {
      const error = await refusal(words);
      return error === null || isHelp(error) ? null : messageOf(error);
    },
    checkMention: async (words) => {
      const error = await refusal(words.map((word) => word.replace(/^[A-Z]+$/, "1")));
      const known = error instanceof CommanderError && LEFT_OUT.has(error.code);
      return error === null || isHelp(error) || known ? null : messageOf(error);
    },
  };
}

/** A group alone prints its help, which is a refusal to commander. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
  "commander.optionMissingArgument",
  "commander.help",
]);

function silence(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined }).exitOverride();
  if (command.commands.length === 0 || command.registeredArguments.length > 0 || command.options.length > 0) {
    if (command.parent !== null) command.action(() => undefined);
  }
}
