/** The command line program. Only the module of the command that is asked for is loaded, so that help comes at once. */
import { COMMANDS } from "./commands.ts";
import type { CliContext } from "./context.ts";
import { fail, INTERRUPTED } from "./fail.ts";
import { newProgram } from "./program.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";
import { Terminal } from "./terminal.ts";

/** Runs a command line (without the program's own name) and returns the exit code. */
export async function main({
  argv = process.argv.slice(2),
  commands = COMMANDS,
}: {
  argv?: string[];
  commands?: CommandEntry[];
} = {}): Promise<number> {
  const flags = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const { stdout, stderr, env } = process;
  const terminal = new Terminal({ stdout, stderr, env, json: flags.includes("--json") });
  const debug = flags.includes("--debug");
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `countersteer latents | head` closes the pipe early, and that is no failure
    if (error.code === "EPIPE") process.exit(0);
    const elsewhere = new Terminal({ stdout: stderr, stderr, env, json: false });
    process.exit(fail({ error: Object.assign(error, { path: "the output" }), terminal: elsewhere, debug }));
  });
  // a log that can't be written must not end a run
  stderr.on("error", () => undefined);
  try {
    const words = flags.filter((word) => !word.startsWith("-")).slice(0, 3);
    const signal = interruptSignal(terminal);
    const context: CliContext = { terminal, signal, env, words, exit: { code: 0 } };
    const program = newProgram();
    await registerCommands({ parent: program, commands, context });
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(argv, { from: "user" });
    terminal.clearStatus();
    return context.exit.code;
  } catch (error) {
    return fail({ error, terminal, debug });
  }
}

function interruptSignal(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) {
      process.exit(INTERRUPTED);
    }
    terminal.clearStatus();
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}
