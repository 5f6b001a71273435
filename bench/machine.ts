/** What a number was measured on, and whether the machine was quiet enough to measure at all. */
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadAverage, Machine } from "./result.ts";

export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.platform()} ${os.arch()} ${os.release()}`,
    node: process.version,
  };
}

export function loadAverage(): LoadAverage {
  const [one = 0, five = 0, fifteen = 0] = os.loadavg();
  return [one, five, fifteen];
}

/** Load above which another program is surely taking part of the cores. */
export const QUIET_LOAD = 0.5;

export interface WaitOptions {
  /** @default 60 */
  seconds?: number;
  log: (line: string) => void;
}

/** Waits until the one-minute load is low. After `seconds` it gives up and measures all the same: the load is stored with the result. */
export async function waitUntilQuiet({ seconds = 60, log }: WaitOptions): Promise<LoadAverage> {
  const until = Date.now() + seconds * 1000;
  let load = loadAverage();
  while (load[0] > QUIET_LOAD && Date.now() < until) {
    log(`load ${load[0].toFixed(2)}: waiting for less than ${QUIET_LOAD}`);
    await sleep(10_000);
    load = loadAverage();
  }
  if (load[0] > QUIET_LOAD) log(`WARNING: load ${load[0].toFixed(2)}; these numbers are not fit to publish`);
  return load;
}
