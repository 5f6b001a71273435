/** `countersteer resume`: goes on with a run that was cut off. */
import type { Command } from "commander";
import { CountersteerError } from "../errors.ts";
import { parseConfig, type RunConfig } from "../experiment/config.ts";
import type { Manifest } from "../store/manifest.ts";
import { openRun } from "../store/open-store.ts";
import { isImported } from "../store/reference/manifest-of.ts";
import type { CliContext } from "./context.ts";
import { executeRun } from "./execute-run.ts";
import { addMachineOptions, addServerOptions, type MachineFlags, type ServerFlags } from "./options.ts";
import { namedServers } from "./server-flags.ts";

type ResumeFlags = MachineFlags & ServerFlags;

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("resume")
    .description("go on with a run after Ctrl-C, a crash or a power cut; a finished run changes nothing")
    .argument("<folder>", "the run's folder");
  addServerOptions(addMachineOptions(command)).action((dir: string, flags: ResumeFlags) =>
    resume({ dir, flags, context }),
  );
}

async function resume({
  dir,
  flags,
  context,
}: {
  dir: string;
  flags: ResumeFlags;
  context: CliContext;
}): Promise<void> {
  const { config: settings, preset } = storedManifest(dir);
  const source = `${dir} (the run's own settings)`;
  const stored = parseConfig({ settings, source });
  const config = parseConfig({ settings: { ...stored, engine: engineOf({ stored, flags }) }, source });
  await executeRun({ config, preset, dir, flags, context, mode: "resume" });
}

/** Servers may have moved since the run began; that they serve the same model is checked. */
function engineOf({ stored, flags }: { stored: RunConfig; flags: ServerFlags }): unknown {
  const named = namedServers(flags);
  return named?.kind === "vllm" && stored.engine.kind === "vllm"
    ? { ...stored.engine, ...named }
    : (named ?? stored.engine);
}

/** Read and closed before the run goes on: an open reader would keep the write-ahead log from being folded into the file. */
function storedManifest(dir: string): Manifest {
  using store = openRun({ dir, mode: "read" });
  const manifest = store.manifest();
  if (isImported(manifest)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The run in ${dir} was imported.`,
      why: "The files that it was made of do not say how to generate more trials.",
      todo: "Let a judge judge it again with `countersteer judge rejudge`, or start a run of your own.",
      facts: { dir },
    });
  }
  return manifest;
}
