/** Facts about this machine that need no engine. */
import { statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PINNED_PACKAGE_VERSION } from "../../engine/llama/libraries.ts";
import { cpuModel } from "../machine.ts";

export interface SystemFacts {
  node: string;
  platform: string;
  cpu: string;
  memoryBytes: number;
  /** Version of the package that llama.cpp's libraries come from. */
  librariesPackage: string;
  cacheDir: string;
  /** Null where the file system does not say. */
  freeDiskBytes: number | null;
}

export async function systemFacts({ cacheDir }: { cacheDir: string }): Promise<SystemFacts> {
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpuModel(),
    memoryBytes: os.totalmem(),
    librariesPackage: PINNED_PACKAGE_VERSION,
    cacheDir,
    freeDiskBytes: await freeDisk(cacheDir),
  };
}

/** Whether, over the last minute, programs wanted more than half of the cores. Never true on Windows, which keeps no load average. */
export function isBusy(): boolean {
  const [lastMinute = 0] = os.loadavg();
  return lastMinute > os.availableParallelism() / 2;
}

/** Free bytes of the file system that holds the folder, or will hold it. */
async function freeDisk(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? null : freeDisk(parent);
  }
}
