/** `countersteer vllm`: what is about vLLM servers and not about steering through them. */
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { type CommandEntry, registerCommands } from "./register-commands.ts";

const COMMANDS: CommandEntry[] = [
  {
    name: "serve",
    summary: "write the command that starts a server for a model",
    load: () => import("./vllm/serve.ts"),
  },
  {
    name: "check",
    summary: "ask servers whether they can steer, and what they serve",
    load: () => import("./vllm/check.ts"),
  },
];

export async function register(program: Command, context: CliContext): Promise<void> {
  const parent = program
    .command("vllm")
    .description("Start commands and checks of vLLM servers (docs/vllm.md).");
  await registerCommands({ parent, commands: COMMANDS, context });
}
