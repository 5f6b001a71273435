/** What a command line says about this machine, in the form that engines and experiments take. */
import os from "node:os";
import type { FastType } from "../engine/llama/weights.ts";
import { cacheDir } from "../model/cache-dir.ts";
import type { ResolveOptions } from "../model/resolve-model.ts";
import type { CliContext } from "./context.ts";
import { readFastType } from "./doctor/record.ts";
import type { MachineFlags } from "./options.ts";
import { pullLine } from "./pull-line.ts";

export interface Machine {
  cacheDir: string;
  workers?: number;
  threads?: number;
  slots?: number;
  contextPerSlot?: number;
  /** The weight type that `doctor` found fastest on this CPU. */
  fastType?: FastType;
  onPull: NonNullable<ResolveOptions["onProgress"]>;
  onWarning: (text: string) => void;
  signal: AbortSignal;
}

/** Never throws: a damaged `doctor.json` counts as none. */
export async function machineOf({
  flags,
  context,
}: {
  flags: MachineFlags;
  context: CliContext;
}): Promise<Machine> {
  const { terminal, signal } = context;
  const folder = cacheDir({ override: flags.cacheDir });
  const fastType = await readFastType({ cacheDir: folder, cpu: cpuModel() });
  return {
    cacheDir: folder,
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.slots === undefined ? {} : { slots: flags.slots }),
    ...(flags.context === undefined ? {} : { contextPerSlot: flags.context }),
    ...(fastType === null ? {} : { fastType }),
    onPull: (progress) => terminal.status(() => pullLine(progress)),
    onWarning: (text) => terminal.warn(text),
    signal,
  };
}

/** Names the CPU that a measurement belongs to. */
export function cpuModel(): string {
  const cpus = os.cpus();
  return `${cpus[0]?.model ?? os.arch()} x ${os.availableParallelism()}`;
}
