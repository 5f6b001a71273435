/** What every command is given by `main.ts`. */
import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

export interface CliContext {
  terminal: Terminal;
  /** Raised by the first Ctrl-C; the second ends the process at once. */
  signal: AbortSignal;
  env: Record<string, string | undefined>;
  /** The first words of the command line that are no flags; they name the command. */
  words: readonly string[];
  /** Set `code` where the result was printed and is a bad one (a failed check); whatever is thrown sets its own. */
  exit: { code: number };
}

/** A module of one command. `register` adds the command to the program; its action does the work and throws what went wrong. */
export interface CommandModule {
  register: (program: Command, context: CliContext) => void | Promise<void>;
}
