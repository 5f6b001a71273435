/** Finds the processes of one command by a mark in their environment, so that one whose parent is gone is found as well (Linux). */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export const MARK = "COUNTERSTEER_CRASH_MARK";

export interface Process {
  pid: number;
  isEngine: boolean;
}

/** Those that run; one that has ended and waits to be taken notice of runs no more, and has no environment. */
export function processesOf(mark: string): Process[] {
  const wanted = `${MARK}=${mark}`;
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(wanted)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      return [{ pid: Number(name), isEngine: /llama\/host\.[jt]s/.test(command) }];
    } catch {
      // it ended meanwhile, or is another user's
      return [];
    }
  });
}

/** Milliseconds until none is left; null where some outlived the limit. */
export async function untilGone({ mark, limit }: { mark: string; limit: number }): Promise<number | null> {
  const start = performance.now();
  while (processesOf(mark).length > 0) {
    if (performance.now() - start > limit) return null;
    await delay(5);
  }
  return performance.now() - start;
}

/** True where the process was there to be killed. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
