/** How a command ends badly: what is printed, and the exit code. */
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { CountersteerError, isCode, messageOf, toErrorRecord } from "../errors.ts";
import { fileError } from "../model/disk-error.ts";
import type { Terminal } from "./terminal.ts";

/** As shells report a program ended by Ctrl-C. */
export const INTERRUPTED = 130;

export interface FailOptions {
  error: unknown;
  terminal: Terminal;
  /** Print stacks. */
  debug: boolean;
  /** Folder of the error pages. @default the package's own */
  docs?: string;
}

/** Prints the error and returns the exit code. */
export function fail({ error, terminal, debug, docs = docsFolder() }: FailOptions): number {
  // `commander.help` is a group without its subcommand, whose help was printed and says all
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) {
    return error.exitCode;
  }
  const failure = error instanceof CommanderError ? usageError(error) : (fileError(error) ?? error);
  terminal.clearStatus();
  if (terminal.json) {
    terminal.printJson({ error: recordOf(failure) });
  } else {
    for (const line of errorLines({ failure, terminal, docs })) {
      terminal.note(line);
    }
  }
  if (debug && failure instanceof Error) {
    terminal.note(stackOf(failure));
  }
  return isCode(failure, "ABORTED") ? INTERRUPTED : 1;
}

function docsFolder(): string {
  return fileURLToPath(new URL("../../docs/errors/", import.meta.url));
}

function recordOf(failure: unknown): Record<string, unknown> {
  if (failure instanceof CountersteerError) {
    return { ...toErrorRecord(failure) };
  }
  return {
    code: "UNEXPECTED",
    what: messageOf(failure),
    why: "This error was not foreseen.",
    todo: "Run again with --debug, and report what it prints.",
    facts: {},
  };
}

function errorLines({
  failure,
  terminal,
  docs,
}: {
  failure: unknown;
  terminal: Terminal;
  docs: string;
}): string[] {
  const { code, what, why, todo } = recordOf(failure);
  const row = (name: string, text: unknown) => `  ${terminal.styleError("dim", name.padEnd(10))} ${text}`;
  return [
    `${terminal.styleError(["red", "bold"], "error")} ${terminal.styleError("bold", String(code))}`,
    row("what", what),
    row("why", why),
    row("what to do", todo),
    ...(failure instanceof CountersteerError ? [row("more", `${docs}${failure.code}.md`)] : []),
  ];
}

/** Commander's refusal of a command line, in our own form. */
function usageError(error: CommanderError): CountersteerError {
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new CountersteerError("CONFIG_INVALID", {
    what: `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/(?<![.)])$/, ".")}`,
    why: "The command line can't be read.",
    todo: "Add --help to the command to see what it takes.",
    facts: { usage: error.code },
    cause: error,
  });
}

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}
