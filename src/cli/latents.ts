/** `countersteer latents`: what the latents of a dictionary stand for. One row of the table is one subcommand; `find` is meant where none is named. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";

const DEFAULT = "find";
const COMMANDS: CommandEntry[] = [
  {
    name: DEFAULT,
    summary: "find latents by their labels and the words they fire on",
    load: () => import("./latents/find.ts"),
  },
  {
    name: "show",
    summary: "show where a latent fires, what it promotes, and its neighbours",
    load: () => import("./latents/show.ts"),
  },
  {
    name: "label",
    summary: "read documents and label every latent",
    load: () => import("./latents/label.ts"),
  },
  {
    name: "detectors",
    summary: "find the latents that fire on off-topic answers",
    load: () => import("./latents/detectors.ts"),
  },
  {
    name: "backtracking",
    summary: "find the latents that fire where an answer starts over",
    load: () => import("./latents/backtracking.ts"),
  },
  {
    name: "controls",
    summary: "draw random latents that fire like the detectors",
    load: () => import("./latents/controls.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program
    .command("latents")
    .description(
      "Find, look at and label the latents of an SAE. `latents dragon` is short for `latents find dragon`.",
    );
  // the default has to be there whatever the words are
  const words = [...context.words, DEFAULT];
  await registerCommands({ parent, commands: COMMANDS, context: { ...context, words } });
}
