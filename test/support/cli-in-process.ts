/** A command as `main` runs it, in this process: for tests that call many. What it prints is kept. */
import { Command } from "commander";
import type { CliContext, CommandModule } from "../../src/cli/context.ts";
import { fail } from "../../src/cli/fail.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { KeptOutput } from "./kept-output.ts";

export interface InProcessResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface InProcessOptions {
  register: CommandModule["register"];
  args: string[];
  env?: Record<string, string>;
}

/** `args` begin with the command's own name; `--json` among them as for a person. */
export async function runInProcess({ register, args, env = {} }: InProcessOptions): Promise<InProcessResult> {
  const [stdout, stderr] = [new KeptOutput({ isTTY: false }), new KeptOutput({ isTTY: false })];
  const terminal = new Terminal({ stdout, stderr, env, json: args.includes("--json") });
  const words = args.filter((word) => !word.startsWith("-")).slice(0, 3);
  const { signal } = new AbortController();
  const context: CliContext = { terminal, signal, env, words, exit: { code: 0 } };
  const program = new Command("countersteer").option("--json").exitOverride();
  program.configureOutput({ outputError: () => undefined });
  let code: number;
  try {
    await register(program, context);
    await program.parseAsync(args, { from: "user" });
    code = context.exit.code;
  } catch (error) {
    code = fail({ error, terminal, debug: false });
  }
  return { code, stdout: stdout.text, stderr: stderr.text };
}
