/**
 * One life of a command: begun in an empty folder, killed again and again, gone on with each time, and left alone at the end. What it ends with is
 * compared with what an undisturbed one ended with, and so is what it holds after each kill.
 */
import { randomUUID } from "node:crypto";
import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Rng } from "../../src/stats/rng.ts";
import { type CliResult, type RunningCli, startCli } from "../model/support/cli.ts";
import { filesIn } from "./contents.ts";
import { kill, MARK, processesOf, untilGone } from "./processes.ts";
import { differences, type Result, type Workload } from "./workload.ts";

export type Target = "parent" | "engine" | "both";

export interface Kill {
  target: Target;
  /** Seconds after the command was started. */
  seconds: number;
  /** A share of the time that the command takes undisturbed, or soon after the first change on disk or in what the result is. */
  moment: "time" | "write" | "result";
  /** Share of the result that was on disk after it. */
  stored: number;
  /** Milliseconds until the last process was gone; 0 where the command lived on. */
  gone: number;
}

export interface Life {
  kills: Kill[];
  /** Empty where all went well. */
  problems: string[];
}

/** What an undisturbed command made, and how long it took. */
export interface Whole {
  result: Result;
  files: readonly string[];
  seconds: number;
}

/** An engine ends at once when its parent does; the rest is a busy machine's. */
const GONE_WITHIN = 60_000;
/** Kills that follow a change, rather than the clock. */
const KEYED_SHARE = 0.4;

function start({ args, mark }: { args: string[]; mark: string }): RunningCli {
  return startCli({ args, env: { [MARK]: mark } });
}

/** Throws where the command fails though nothing disturbs it. */
export async function undisturbed({ workload, home }: { workload: Workload; home: string }): Promise<Whole> {
  await mkdir(home, { recursive: true });
  await workload.prepare(home);
  const begin = performance.now();
  const ended = await start({ args: await workload.args(home), mark: randomUUID() }).ended;
  const seconds = (performance.now() - begin) / 1000;
  if (ended.code !== 0) throw new Error(`it failed undisturbed: ${told(ended)}`);
  return { result: await workload.result(home), files: await filesIn(home), seconds };
}

export interface LifeOptions {
  workload: Workload;
  whole: Whole;
  home: string;
  rng: Rng;
  /** The most kills. */
  most: number;
  /** Seconds that the command is thought to take. */
  seconds: number;
}

export async function live({ workload, whole, home, rng, most, seconds }: LifeOptions): Promise<Life> {
  await mkdir(home, { recursive: true });
  await workload.prepare(home);
  const life: Life = { kills: [], problems: [] };
  let ended: CliResult | null = null;
  let isDone = false;
  while (ended === null) {
    // what is made at once may have been there in the moment of the kill; then the command refuses to make it again
    isDone = workload.atOnce && (await workload.result(home)).size === whole.result.size;
    const mark = randomUUID();
    const running = start({ args: await workload.args(home), mark });
    const left = most - life.kills.length;
    const within = seconds * 0.8 ** life.kills.length;
    ended =
      left > 0
        ? await disturb({ workload, whole, home, rng, running, mark, within, left, life })
        : await running.ended;
    if (ended === null) life.problems.push(...(await problemsAfterKill({ workload, whole, home })));
    else if ((await untilGone({ mark, limit: GONE_WITHIN })) === null) life.problems.push("left a process");
  }
  if ((ended.code !== 0) !== isDone) life.problems.push(`the last command failed: ${told(ended)}`);
  life.problems.push(...differences({ whole: whole.result, found: await workload.result(home) }));
  life.problems.push(...(await strayFiles({ whole, home })));
  await rm(home, { recursive: true, force: true });
  return life;
}

interface DisturbOptions extends Omit<LifeOptions, "most" | "seconds"> {
  running: RunningCli;
  mark: string;
  within: number;
  left: number;
  life: Life;
}

/** The result of a command that ended before it was killed, or in spite of the death of an engine; else null. */
async function disturb(options: DisturbOptions): Promise<CliResult | null> {
  const { workload, whole, home, rng, running, mark, within, left, life } = options;
  const { child, ended } = running;
  const begin = performance.now();
  const draw = ["parent", "engine", "both"] as const;
  let target: Target = workload.engines ? (draw[rng.below(3)] ?? "parent") : "parent";
  for (let times = 0; ; times++) {
    const moment = times === 0 && rng.next() < KEYED_SHARE ? (rng.next() < 0.5 ? "write" : "result") : "time";
    const first = await Promise.race([ended, momentOf({ moment, workload, home, rng, within, ended })]);
    if (first !== null) return first;
    const all = processesOf(mark);
    const engines = all.filter(({ isEngine }) => isEngine).map(({ pid }) => pid);
    const engine = engines[rng.below(Math.max(1, engines.length))];
    const isHit = target !== "parent" && engine !== undefined && kill(engine);
    if (!isHit) target = "parent";
    if (target !== "engine" && !child.kill("SIGKILL")) return await ended;
    const done = target === "engine" ? null : await ended;
    // a command that was through at that very moment was not killed
    if (done !== null && done.signal !== "SIGKILL") return done;
    const gone = target === "engine" ? 0 : await untilGone({ mark, limit: GONE_WITHIN });
    if (gone === null) {
      life.problems.push("a process outlived its parent");
      for (const { pid } of processesOf(mark)) kill(pid);
    }
    const found = await workload.result(home);
    life.kills.push({
      target,
      seconds: (performance.now() - begin) / 1000,
      moment,
      stored: whole.result.size === 0 ? 0 : found.size / whole.result.size,
      gone: gone ?? GONE_WITHIN,
    });
    if (target !== "engine") return null;
    // an engine's death must not end the command; a second one at the same trial may
    if (left - life.kills.length <= 0) return await ended;
    target = "parent";
  }
}

async function momentOf({
  moment,
  workload,
  home,
  rng,
  within,
  ended,
}: {
  moment: Kill["moment"];
  workload: Workload;
  home: string;
  rng: Rng;
  within: number;
  ended: Promise<unknown>;
}): Promise<null> {
  const share = rng.next();
  if (moment === "time") {
    await delay(share * within * 1000);
    return null;
  }
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const stateNow = () =>
    moment === "write" ? stateOf(home) : workload.result(home).then((found) => found.size);
  const before = await stateNow();
  while (!over && (await stateNow()) === before) await delay(2);
  await delay(share * within * 50);
  return null;
}

async function stateOf(home: string): Promise<string> {
  const names = await filesIn(home).catch(() => []);
  const sizes = names.map(async (name) => (await stat(path.join(home, name)).catch(() => null))?.size);
  return JSON.stringify([names, await Promise.all(sizes)]);
}

async function problemsAfterKill({
  workload,
  whole,
  home,
}: {
  workload: Workload;
  whole: Whole;
  home: string;
}): Promise<string[]> {
  let found: Result;
  try {
    found = await workload.result(home);
  } catch (error) {
    return [`unreadable after a kill: ${String(error)}`];
  }
  const isTorn = workload.atOnce && found.size > 0 && found.size < whole.result.size;
  const changed = differences({ whole: whole.result, found, partly: true });
  return [
    ...(isTorn ? ["there in part after a kill"] : []),
    ...changed.map((each) => `after a kill: ${each}`),
  ];
}

async function strayFiles({ whole, home }: { whole: Whole; home: string }): Promise<string[]> {
  const files = await filesIn(home);
  return [
    ...files.filter((name) => !whole.files.includes(name)).map((name) => `left behind: ${name}`),
    ...whole.files.filter((name) => !files.includes(name)).map((name) => `not there: ${name}`),
  ];
}

function told({ code, stdout, stderr }: CliResult): string {
  return `exit ${code}: ${(stdout + stderr).slice(-600)}`;
}
