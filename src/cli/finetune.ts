/** `countersteer finetune`: data, training and files of adapters that make a model resist. One row of the table is one subcommand. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";

const COMMANDS: CommandEntry[] = [
  {
    name: "data",
    summary: "make examples of self-correction and normal answers",
    load: () => import("./finetune/data.ts"),
  },
  {
    name: "train",
    summary: "train a LoRA adapter on them",
    load: () => import("./finetune/train.ts"),
  },
  {
    name: "convert",
    summary: "turn an adapter into another format",
    load: () => import("./finetune/convert.ts"),
  },
  {
    name: "merge",
    summary: "write a model with an adapter in its weights",
    load: () => import("./finetune/merge.ts"),
  },
  {
    name: "evaluate",
    summary: "see whether a run's restarts were learned by heart, and what adapters cost elsewhere",
    load: () => import("./finetune/evaluate.ts"),
  },
  {
    name: "export",
    summary: "write data and configuration for a training on a GPU machine",
    load: () => import("./finetune/export.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program
    .command("finetune")
    .description("Train a model to catch itself, and use what comes of it.");
  await registerCommands({ parent, commands: COMMANDS, context });
}
