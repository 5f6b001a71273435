/** The parent's side of one engine process: start, send, receive, and say why it died. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CountersteerError, fromErrorRecord, isCode } from "../../errors.ts";
import type { FromHost, ToHost } from "./protocol.ts";

const LOG_LINES = 40;
/** A process that a message could not be sent to has ended by then, or is given up. */
const EXIT_FOLLOWS_MS = 5000;

export interface HostProcessOptions {
  onMessage: (message: FromHost) => void;
  onExit: (error: CountersteerError) => void;
}

export class HostProcess {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  /** True once the end is expected or was told. */
  #ended = false;

  constructor({ onMessage, onExit }: HostProcessOptions) {
    // the same extension as this file: `.ts` in development, `.js` when built
    const entry = fileURLToPath(
      new URL(import.meta.url.endsWith(".ts") ? "host.ts" : "host.js", import.meta.url),
    );
    this.#child = fork(entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    let rest = "";
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#log.push(...lines);
      this.#log.splice(0, this.#log.length - LOG_LINES);
    });
    // the host is our own code, so its messages have the protocol's types
    this.#child.on("message", (message: FromHost) => onMessage(message));
    const onEnd = (code: number | null, reason: string | null) => {
      if (!this.#ended) {
        this.#ended = true;
        onExit(this.#deathOf(code, reason));
      }
    };
    this.#child.once("exit", onEnd);
    // more than one can come: a message that can't be sent to a dying process is an error of its own, and what ended it is told by its exit
    this.#child.on("error", ({ message }) => {
      if (this.#child.pid === undefined) onEnd(null, message);
      else setTimeout(() => onEnd(null, message), EXIT_FOLLOWS_MS).unref();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToHost): void {
    if (this.#child.connected) {
      this.#child.send(message);
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    await new Promise<void>((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.kill("SIGKILL");
    });
  }

  #deathOf(code: number | null, signal: string | null): CountersteerError {
    const log = this.#log.slice(-12);
    return new CountersteerError("ENGINE_CRASHED", {
      what: `The engine process ended (${signal === null ? `exit code ${code}` : signal}).`,
      why: [
        ...(signal === "SIGKILL"
          ? ["It was killed from outside, most often by the system for want of memory."]
          : []),
        log.length > 0 ? `Its last lines: ${log.join(" | ")}.` : "It left no message.",
      ].join(" "),
      todo: "Run the command again: finished trials are kept. If it repeats, try fewer `--workers` or a smaller `--context`.",
      facts: { code, signal, log },
    });
  }
}

/** Does a work once more where its process was killed from outside, which says nothing about the work. */
export async function againIfKilled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(isCode(error, "ENGINE_CRASHED") && error.facts.signal === "SIGKILL")) throw error;
    return await work();
  }
}

interface OneTask<T> {
  message: ToHost;
  pick: (answer: FromHost) => T | undefined;
}

/** Starts a process for one task, waits for its answer and ends it. */
export function runOnce<T>(task: OneTask<T>): Promise<T> {
  return againIfKilled(() => tryOnce(task));
}

async function tryOnce<T>({ message, pick }: OneTask<T>): Promise<T> {
  let host: HostProcess | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      host = new HostProcess({
        onExit: reject,
        onMessage: (answer) => {
          if (answer.type === "refused") {
            reject(fromErrorRecord(answer.error));
            return;
          }
          const value = pick(answer);
          if (value !== undefined) {
            resolve(value);
          }
        },
      });
      host.send(message);
    });
  } finally {
    await host?.close();
  }
}
