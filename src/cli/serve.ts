/** `countersteer serve`: the model behind an HTTP interface that other programs speak. */
import { once } from "node:events";
import { isIP } from "node:net";
import { type Command, Option } from "commander";
import { CountersteerError } from "../errors.ts";
import { DEFAULT_MODEL, findModel } from "../model/registry.ts";
import { shippedDictionaries } from "../sae/open-dictionary.ts";
import { type OpenAiServer, startOpenAiServer } from "../server/openai/server.ts";
import type { CliContext } from "./context.ts";
import { addListenOptions, type ListenFlags } from "./listen-options.ts";
import { wholeNumber } from "./numbers.ts";
import { type OpenedEngine, type OpenedWithSae, openEngine, openEngineWithSae } from "./open-engine.ts";
import {
  addAdapterOption,
  addMachineOptions,
  addModelOptions,
  addSaeOptions,
  type EngineFlags,
} from "./options.ts";

interface ServeFlags extends ListenFlags, EngineFlags {
  openai?: boolean;
  maxAnswers?: number;
}

const DEFAULTS = { slots: 8, contextPerSlot: 2048 };

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("serve")
    .description(
      "Serve a model to other programs until Ctrl-C.\n" +
        "--openai: GET /v1/models and POST /v1/chat/completions as OpenAI's clients know them, with forced JSON, streaming,\n" +
        "and steering by the extra field `countersteer` (docs/serve.md). There is no key: keep it on this machine.",
    )
    .option("--openai", "speak OpenAI's chat completions")
    .addOption(
      new Option(
        "--max-answers <n>",
        "answers that may run or wait; more get 429 (default: 4 x slots x workers)",
      ).argParser(wholeNumber({ flag: "--max-answers", min: 1 })),
    );
  addMachineOptions(addSaeOptions(addAdapterOption(addModelOptions(addListenOptions(command)))));
  command.action((flags: ServeFlags) => serve({ flags, context }));
}

async function serve({ flags, context }: { flags: ServeFlags; context: CliContext }): Promise<void> {
  if (flags.openai !== true) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "`serve` was not told what to speak.",
      why: "There is one interface so far.",
      todo: "Give --openai.",
    });
  }
  const { terminal, signal } = context;
  const { opened, sae } = await open({ flags, context });
  try {
    const server = await startOpenAiServer({
      engine: opened.engine,
      port: flags.port,
      host: flags.host,
      hostNames: flags.allowHost,
      ...(opened.known === null ? {} : { model: opened.known.name }),
      ...(sae === null ? {} : { sae }),
      ...(flags.maxAnswers === undefined ? {} : { maxAnswers: flags.maxAnswers }),
    });
    announce({ server, opened, sae, context, host: flags.host });
    if (!signal.aborted) {
      await once(signal, "abort");
    }
    terminal.note("finishing the answers that are under way; Ctrl-C again ends at once");
    await server.close();
  } finally {
    await opened.close();
  }
}

interface Opened {
  opened: OpenedEngine;
  sae: Pick<OpenedWithSae, "dictionary" | "layer"> | null;
}

/** With an SAE where one is given, or the model's own lies in this package: none is downloaded that nobody asked for. */
async function open({ flags, context }: { flags: ServeFlags; context: CliContext }): Promise<Opened> {
  const options = { flags, context, defaults: DEFAULTS };
  const own = findModel(flags.model ?? DEFAULT_MODEL)?.defaults.sae;
  if (flags.sae === undefined && (own === undefined || !shippedDictionaries().has(own))) {
    return { opened: await openEngine(options), sae: null };
  }
  const opened = await openEngineWithSae(options);
  return { opened, sae: opened };
}

function announce({
  server,
  opened,
  sae,
  context,
  host,
}: {
  server: OpenAiServer;
  opened: OpenedEngine;
  sae: Opened["sae"];
  context: CliContext;
  host: string;
}): void {
  const { terminal } = context;
  const isLocal = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  if (!isLocal) {
    terminal.warn(`whoever can reach ${host} can use the model: there is no key`);
  }
  const { url, port, model } = server;
  terminal.result({
    data: {
      url,
      port,
      model,
      adapter: opened.adapter?.path ?? null,
      sae: sae?.dictionary.path ?? null,
      layer: sae?.layer ?? null,
      pid: process.pid,
    },
    text: () => `${model} answers at ${url} (Ctrl-C ends it)`,
  });
}
