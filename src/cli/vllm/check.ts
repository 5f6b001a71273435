/** `countersteer vllm check`: the handshake alone. A server that passes can be given to `run`. */
import type { Command } from "commander";
import { openVllmEngine } from "../../engine/vllm/engine.ts";
import type { CliContext } from "../context.ts";
import { serverKey } from "../server-flags.ts";

export function register(parent: Command, context: CliContext): void {
  parent
    .command("check")
    .description(
      "Ask servers what they serve, and whether they can steer and are equal. Exit code 1 where they can't.",
    )
    .argument("<url...>", "their addresses")
    .action((urls: string[]) => check({ urls, context }));
}

async function check({
  urls,
  context: { terminal, env, signal },
}: {
  urls: string[];
  context: CliContext;
}): Promise<void> {
  terminal.status("asking the servers");
  const engine = await openVllmEngine({ urls, apiKey: serverKey(env), signal });
  try {
    const { info, build, adapters, dictionaries } = engine;
    terminal.clearStatus();
    terminal.result({
      data: { urls, info, build, adapters, dictionaries },
      text: () =>
        [
          `model         ${info.name}: ${info.architecture}, ${info.layers} layers of width ${info.dModel}, ${info.weightType}`,
          `hash          ${info.fileHash}`,
          `context       ${info.contextLength} tokens`,
          `servers       ${build.workers}, ${build.slots} requests under way at each`,
          `versions      vLLM ${build.vllm}, countersteer-vllm ${build.plugin}, protocol ${build.protocol}`,
          `runs on       ${build.device}, tensor parallel ${build.tensorParallel}, pipeline parallel ${build.pipelineParallel}, data parallel ${build.dataParallel}`,
          `SAEs          ${dictionaries.map(({ name }) => name).join(", ") || "none by name"}`,
          `adapters      ${adapters.map(({ name }) => name).join(", ") || "none"}`,
        ].join("\n"),
    });
  } finally {
    await engine.close();
  }
}
