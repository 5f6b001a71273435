/** `countersteer sae`: everything that is about a dictionary and not about steering with it. One row of the table is one subcommand. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";

const COMMANDS: CommandEntry[] = [
  {
    name: "info",
    summary: "say what a dictionary is, and what its weights look like",
    load: () => import("./sae/info.ts"),
  },
  {
    name: "convert",
    summary: "write a dictionary of any format in SAELens' format",
    load: () => import("./sae/convert.ts"),
  },
  {
    name: "evaluate",
    summary: "measure dictionaries on held-out documents, the model's loss with them included",
    load: () => import("./sae/evaluate.ts"),
  },
  {
    name: "train",
    summary: "train a dictionary on the residual stream of a model",
    load: () => import("./sae/train.ts"),
  },
  {
    name: "corpus",
    summary: "let the model write the text on which an SAE is trained",
    load: () => import("./sae/corpus.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program.command("sae").description("Look at, convert, train and evaluate dictionaries.");
  await registerCommands({ parent, commands: COMMANDS, context });
}
