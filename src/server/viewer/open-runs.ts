/**
 * Runs that are open for reading. A connection is kept for a while, for a page asks several things of one run, and sees with every question what
 * another process has written by then.
 */
import { statSync } from "node:fs";
import path from "node:path";
import { openRun } from "../../store/open-store.ts";
import type { RunStore } from "../../store/run-store.ts";
import type { ShelvedRun } from "./run-shelf.ts";

interface Opened {
  store: RunStore;
  /** Of the database file: a run that was made anew in the same place is another file. */
  file: bigint;
  timer: NodeJS.Timeout;
}

/** Milliseconds: an open reader keeps the write-ahead log from being folded into the file when the writer ends. */
const IDLE = 30_000;
const MOST = 16;

export class OpenRuns {
  readonly #idleMs: number;
  /** By folder, least recently used first. */
  readonly #opened = new Map<string, Opened>();

  constructor({ idleMs = IDLE }: { idleMs?: number } = {}) {
    this.#idleMs = idleMs;
  }

  /** The work is synchronous and keeps nothing of the store. Throws what opening and the work throw. */
  read<T>({ dir }: Pick<ShelvedRun, "dir">, work: (store: RunStore) => T): T {
    const { store } = this.#open(dir);
    try {
      return work(store);
    } catch (error) {
      // whatever went wrong with this connection, the next question gets a new one
      this.#close(dir);
      throw error;
    }
  }

  close(): void {
    for (const dir of [...this.#opened.keys()]) this.#close(dir);
  }

  #open(dir: string): Opened {
    const file = statSync(path.join(dir, "run.sqlite"), { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
    const kept = this.#opened.get(dir);
    if (kept !== undefined && kept.file !== file) this.#close(dir);
    else if (kept !== undefined) {
      this.#opened.delete(dir);
      this.#opened.set(dir, kept);
      kept.timer.refresh();
      return kept;
    }
    const store = openRun({ dir, mode: "read" });
    const timer = setTimeout(() => this.#close(dir), this.#idleMs).unref();
    const opened = { store, file, timer };
    this.#opened.set(dir, opened);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MOST && oldest !== undefined) this.#close(oldest);
    return opened;
  }

  #close(dir: string): void {
    const opened = this.#opened.get(dir);
    if (opened === undefined) return;
    this.#opened.delete(dir);
    clearTimeout(opened.timer);
    opened.store.close();
  }
}
