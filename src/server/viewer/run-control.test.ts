import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { manifestRecord } from "../../../test/support/run-records.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CountersteerError } from "../../errors.ts";
import { createRun, openRun } from "../../store/open-store.ts";
import { runLockOwner } from "../../store/run-lock.ts";
import { RESUME_LOG, RunControl } from "./run-control.ts";

const WRITER = fileURLToPath(new URL("../../../test/support/trial-writer.ts", import.meta.url));
/** Goes on with a run until it is told to stop, as `countersteer resume` does. */
const RESUME = [process.execPath, WRITER] as const;

function runIn(folder: string): { id: string; name: string; dir: string } {
  const dir = path.join(folder, "run");
  createRun({ dir, manifest: manifestRecord() }).close();
  return { id: "id", name: "run", dir };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof CountersteerError ? error.code : `uncoded: ${String(error)}`;
  }
  return "no error";
}

async function writerOf(dir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [WRITER, dir], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("a run is running while another process holds its lock, and stopping it is that process's Ctrl-C", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  const control = new RunControl();
  expect(control.isRunning(run)).toBe(false);
  const child = await writerOf(run.dir);
  const ended = once(child, "exit");
  expect(control.isRunning(run)).toBe(true);
  control.stop(run);
  expect((await ended)[1]).toBe("SIGINT");
  expect(control.isRunning(run)).toBe(false);
  expect(codeOf(() => control.stop(run))).toBe("REQUEST_INVALID");
});

test("asking whether a run is running neither takes its lock away nor keeps another from taking it", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  using store = openRun({ dir: run.dir, mode: "write" });
  for (let i = 0; i < 5; i++) expect(runLockOwner(run)?.pid).toBe(process.pid);
  expect(codeOf(() => openRun({ dir: run.dir, mode: "write" }))).toBe("RUN_LOCKED");
  store.close();
  expect(runLockOwner(run)).toBe(null);
  openRun({ dir: run.dir, mode: "write" }).close();
});

test("no process is told to stop that doesn't hold the lock, whatever the run's folder says", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  const control = new RunControl();
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const holder = await writerOf(run.dir);
  const owner = path.join(run.dir, "run.lock-owner.json");
  try {
    for (const pid of [bystander.pid, process.pid, process.ppid, 1, 0, -1, 2 ** 31]) {
      writeFileSync(owner, JSON.stringify({ pid, since: "2026-01-01T00:00:00.000Z" }));
      expect(
        codeOf(() => control.stop(run)),
        String(pid),
      ).toBe("REQUEST_INVALID");
    }
    expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    expect([holder.exitCode, holder.signalCode]).toEqual([null, null]);
  } finally {
    holder.kill("SIGKILL");
    bystander.kill("SIGKILL");
    await once(holder, "exit");
  }
  writeFileSync(owner, JSON.stringify({ pid: process.pid, since: "2026-01-01T00:00:00.000Z" }));
  expect(control.isRunning(run)).toBe(false);
});

test("resuming starts one process, whose output is in the run's folder, and not a second one beside it", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  const control = new RunControl({ resumeCommand: RESUME });
  control.resume(run);
  expect(control.isRunning(run)).toBe(true);
  expect(codeOf(() => control.resume(run))).toBe("RUN_LOCKED");
  await expect.poll(() => readFileSync(path.join(run.dir, RESUME_LOG), "utf8")).toContain("trial-3");
  // nor does a viewer that didn't start it
  const other = new RunControl({ resumeCommand: RESUME });
  expect(codeOf(() => other.resume(run))).toBe("RUN_LOCKED");
  other.stop(run);
  await expect.poll(() => control.isRunning(run)).toBe(false);
  expect(control.failureOf(run)).toBe(null);
  using store = openRun({ dir: run.dir, mode: "read" });
  expect(store.counts().trials).toBeGreaterThan(3);
});

test("a resuming that fails says why, until the next one", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  const failing = [process.execPath, "-e", "console.error('no such model'); process.exit(1)", "--"] as const;
  const control = new RunControl({ resumeCommand: failing });
  control.resume(run);
  await expect.poll(() => control.failureOf(run)?.why).toContain("no such model");
  expect(control.isRunning(run)).toBe(false);
  const absent = new RunControl({ resumeCommand: [path.join(folder.path, "no-such-program")] });
  absent.resume(run);
  await expect.poll(() => absent.failureOf(run)?.code).toBe("RESUME_FAILED");
});

test("a link in the place of the log is not written through", async () => {
  await using folder = await temporaryFolder();
  const run = runIn(folder.path);
  const victim = path.join(folder.path, "victim");
  writeFileSync(victim, "as it was");
  symlinkSync(victim, path.join(run.dir, RESUME_LOG));
  const control = new RunControl({ resumeCommand: RESUME });
  expect(codeOf(() => control.resume(run))).toBe("REQUEST_INVALID");
  expect(control.isRunning(run)).toBe(false);
  expect(readFileSync(victim, "utf8")).toBe("as it was");
  rmSync(path.join(run.dir, RESUME_LOG));
  mkdirSync(path.join(run.dir, RESUME_LOG));
  expect(codeOf(() => control.resume(run))).toBe("REQUEST_INVALID");
  expect(existsSync(path.join(run.dir, "run.lock-owner.json"))).toBe(false);
});
