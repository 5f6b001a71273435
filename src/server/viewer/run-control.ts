/**
 * Stops and resumes runs. A run that goes on is another process: stopping it is the Ctrl-C that its own terminal would send, resuming it is
 * `countersteer resume` in the background, with its output in a file of the run's folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { CountersteerError, messageOf } from "../../errors.ts";
import { runLockOwner } from "../../store/run-lock.ts";
import type { Problem } from "./api/common.ts";
import type { ShelvedRun } from "./run-shelf.ts";

export interface RunControlOptions {
  /** The command that goes on with a run, without the folder. @default this program's `resume` */
  resumeCommand?: readonly [string, ...string[]];
  /** Of the processes that are started. @default process.env */
  env?: Record<string, string | undefined>;
}

/** In the run's folder. */
export const RESUME_LOG = "resume.log";
/** Lines of the log that a failure shows. */
const LAST_LINES = 6;
const LINUX_PROCESSES = "/proc";

export class RunControl {
  readonly #command: readonly [string, ...string[]];
  readonly #env: Record<string, string | undefined>;
  /** Started here and not ended yet; it takes the lock only when the model is open. */
  readonly #children = new Map<string, ChildProcess>();
  readonly #failures = new Map<string, Problem>();

  constructor({ resumeCommand = ownResume(), env = process.env }: RunControlOptions = {}) {
    this.#command = resumeCommand;
    this.#env = env;
  }

  isRunning({ id, dir }: ShelvedRun): boolean {
    return this.#children.has(id) || runLockOwner({ dir }) !== null;
  }

  /** Why the last resuming from here ended badly; null where it did not. */
  failureOf({ id }: Pick<ShelvedRun, "id">): Problem | null {
    return this.#failures.get(id) ?? null;
  }

  /** Throws REQUEST_INVALID for a run that doesn't run, or that runs where it can't be reached. */
  stop({ id, name, dir }: ShelvedRun): void {
    const child = this.#children.get(id);
    if (child?.kill("SIGINT") === true) return;
    const owner = runLockOwner({ dir });
    if (owner === null) {
      throw refused({
        what: `${name} is not running.`,
        why: "No process writes to it.",
        todo: "Look at the run again.",
      });
    }
    // a file can say any number: only a process that has this very lock open is told to stop
    if (owner.pid === process.pid || !hasOpen({ pid: owner.pid, file: path.join(dir, "run.lock") })) {
      throw refused({
        what: `${name} can't be stopped from here.`,
        why: `The process ${owner.pid} that its folder names was not found with the run open; it may be on another machine.`,
        todo: "Stop it where it was started.",
      });
    }
    process.kill(owner.pid, "SIGINT");
  }

  /** Starts a process that goes on with it; if that fails, `failureOf` says why. Throws RUN_LOCKED for a run that goes on. */
  resume(run: ShelvedRun): void {
    const { id, name, dir } = run;
    if (this.isRunning(run)) {
      throw new CountersteerError("RUN_LOCKED", {
        what: `${name} is running.`,
        why: "Two writers would generate the same trials twice.",
        todo: "Wait for it or stop it.",
        facts: { dir },
      });
    }
    this.#failures.delete(id);
    const log = openLog(dir);
    try {
      const [program, ...args] = this.#command;
      const child = spawn(program, [...args, dir], {
        detached: true,
        stdio: ["ignore", log, log],
        env: this.#env,
      });
      this.#children.set(id, child);
      // an error is one of starting; `exit` doesn't come then
      child.once("error", (error) => this.#ended({ run, why: messageOf(error) }));
      child.once("exit", (code, signal) =>
        this.#ended({
          run,
          why: code === 0 || code === INTERRUPTED || signal === "SIGINT" ? null : lastLines(dir),
        }),
      );
      child.unref();
    } finally {
      closeSync(log);
    }
  }

  #ended({ run: { id, name }, why }: { run: ShelvedRun; why: string | null }): void {
    this.#children.delete(id);
    if (why === null) return;
    this.#failures.set(id, {
      code: "RESUME_FAILED",
      what: `${name} could not go on.`,
      why,
      todo: `Read ${RESUME_LOG} in its folder, or resume it in a terminal.`,
    });
  }
}

/** As shells report a program ended by Ctrl-C. */
const INTERRUPTED = 130;

function ownResume(): [string, ...string[]] {
  const program = fileURLToPath(new URL("../../../bin/countersteer.js", import.meta.url));
  return [process.execPath, program, "resume"];
}

/** A link in its place could lead to any file, and is refused. */
function openLog(dir: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  try {
    return openSync(path.join(dir, RESUME_LOG), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw refused({
      what: "The run can't be resumed from here.",
      why: `Its log ${RESUME_LOG} can't be written: ${messageOf(cause)}.`,
      todo: "Resume it in a terminal: countersteer resume FOLDER.",
    });
  }
}

function lastLines(dir: string): string {
  try {
    const text = stripVTControlCharacters(readFileSync(path.join(dir, RESUME_LOG), "utf8"));
    const lines = text.split(/[\r\n]+/).map((line) => line.trim());
    return (
      lines
        .filter((line) => line !== "")
        .slice(-LAST_LINES)
        .join(" ") || "It said nothing."
    );
  } catch (error) {
    return `${messageOf(error)}.`;
  }
}

/** Whether a process has a file open; where the system doesn't tell, whether there is such a process that may be sent signals. */
function hasOpen({ pid, file }: { pid: number; file: string }): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    const wanted = realpathSync(file);
    const folder = `${LINUX_PROCESSES}/${pid}/fd`;
    return readdirSync(folder).some((entry) => linkOf(path.join(folder, entry)) === wanted);
  } catch {
    return false;
  }
}

/** null for one that was closed meanwhile. */
function linkOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

function refused({ what, why, todo }: { what: string; why: string; todo: string }): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", { what, why, todo });
}
