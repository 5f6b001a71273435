/** `countersteer judge labels`: responses out to people as a spreadsheet, and their judgements back in. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { type CommandEntry, registerCommands } from "../register-commands.ts";

const COMMANDS: CommandEntry[] = [
  {
    name: "export",
    summary: "write a blind sheet of responses for a person to judge",
    load: () => import("./labels-export.ts"),
  },
  {
    name: "import",
    summary: "store what a person wrote into the sheet",
    load: () => import("./labels-import.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program.command("labels").description("Let people judge responses, in a spreadsheet.");
  await registerCommands({ parent, commands: COMMANDS, context });
}
