/** `countersteer judge`: everything that is about judges and not about a new run. One row of the table is one subcommand. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";

const COMMANDS: CommandEntry[] = [
  {
    name: "validate",
    summary: "see whether a judge tells answers from answers to other questions",
    load: () => import("./judge/validate.ts"),
  },
  {
    name: "rejudge",
    summary: "let another judge judge the responses of a stored run",
    load: () => import("./judge/rejudge.ts"),
  },
  {
    name: "resume",
    summary: "judge what is stored and not judged, after an outage or Ctrl-C",
    load: () => import("./judge/resume.ts"),
  },
  {
    name: "agreement",
    summary: "say how far the judges of a run agree, and where they don't",
    load: () => import("./judge/agreement.ts"),
  },
  {
    name: "compare",
    summary: "print the rates of a run under two judges",
    load: () => import("./judge/compare.ts"),
  },
  {
    name: "labels",
    summary: "let people judge responses, in a spreadsheet",
    load: () => import("./judge/labels.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program
    .command("judge")
    .description("Check judges, judge stored runs again, and compare judges.");
  await registerCommands({ parent, commands: COMMANDS, context });
}
