/** `countersteer view`: looks at runs in a browser, and tries steering out. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { type Command, Option } from "commander";
import type { Settings } from "../experiment/presets.ts";
import { offeredAdapters } from "../server/viewer/playground/offered-adapters.ts";
import { startViewer, type ViewerServer } from "../server/viewer/server.ts";
import type { CliContext } from "./context.ts";
import { hubAccess } from "./hub-access.ts";
import { addListenOptions, type ListenFlags } from "./listen-options.ts";
import { machineOf } from "./machine.ts";
import { addMachineOptions, addModelOptions, addSaeOptions, type EngineFlags } from "./options.ts";
import { packageVersion } from "./package-version.ts";
import { openBrowser } from "./view/open-browser.ts";

interface ViewFlags extends ListenFlags, Omit<EngineFlags, "adapter"> {
  open?: boolean;
  playground: boolean;
  detectors?: string;
  adapter: string[];
}

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("view")
    .description(
      "Look at the runs of a folder in a browser until Ctrl-C: rates, trials, latents, comparisons, and a playground.\n" +
        "Only this machine can reach it. The link holds a token: who has it may stop and resume runs and run the model.",
    )
    .argument("[folder]", "folder that holds runs, or a run (default: runs, else the current folder)")
    .option("--open", "open the link in a browser")
    .option("--no-open", "don't (the default)")
    .option("--no-playground", "run no model")
    .option(
      "--detectors <file>",
      "detectors that the playground shows (default: the package's own, where they are of this SAE)",
    )
    .addOption(
      new Option("--adapter <file or folder>", "a LoRA adapter that the playground offers (repeatable)")
        .argParser((file: string, before: string[]) => [...before, file])
        .default([], "the package's own"),
    );
  addMachineOptions(addSaeOptions(addModelOptions(addListenOptions(command))));
  command.action((folder: string | undefined, flags: ViewFlags) => view({ folder, flags, context }));
}

interface ViewOptions {
  folder: string | undefined;
  flags: ViewFlags;
  context: CliContext;
}

async function view({ folder = defaultFolder(), flags, context }: ViewOptions): Promise<void> {
  const { terminal, signal } = context;
  const server = await startViewer({
    folder,
    version: packageVersion(),
    playground: flags.playground ? await playgroundOf({ flags, context }) : null,
    port: flags.port,
    host: flags.host,
    hostNames: flags.allowHost,
    env: context.env,
  });
  announce({ server, folder, flags, context });
  const opened = flags.open === true ? await openBrowser({ link: server.link }) : null;
  if (opened?.isOpen === false) terminal.warn("no browser could be started; open the link yourself");
  try {
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    opened?.forget();
    await server.close();
  }
}

function defaultFolder(): string {
  return existsSync("runs") ? "runs" : ".";
}

async function playgroundOf({ flags, context }: Pick<ViewOptions, "flags" | "context">) {
  const machine = await machineOf({ flags, context });
  const { model, weights, sae, layer, allowLayerMismatch, detectors, adapter } = flags;
  const settings: Settings = {
    ...(model === undefined ? {} : { model }),
    ...(weights === undefined ? {} : { weights }),
    ...(sae === undefined ? {} : { sae }),
    ...(layer === undefined ? {} : { layer }),
    ...(allowLayerMismatch === undefined ? {} : { allowLayerMismatch }),
  };
  return {
    machine: { ...machine, hub: hubAccess(context.env) },
    settings,
    adapters: offeredAdapters({ files: adapter }),
    onWarning: machine.onWarning,
    ...(detectors === undefined ? {} : { detectors }),
  };
}

interface AnnounceOptions {
  server: ViewerServer;
  folder: string;
  flags: ViewFlags;
  context: CliContext;
}

function announce({ server, folder, flags: { host }, context: { terminal } }: AnnounceOptions): void {
  const isLocal = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  if (!isLocal) {
    terminal.warn(
      `whoever can reach ${host} can read the runs, and the link goes over the network unencrypted`,
    );
  }
  const { url, link, port } = server;
  terminal.result({
    data: { url, link, port, folder, pid: process.pid },
    text: () => `${folder} is shown at ${link} (Ctrl-C ends it)`,
  });
}
