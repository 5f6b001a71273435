/** Answers that are made of a run's database, kept until it is written to. */
import { runVersion, type ShelvedRun } from "./run-shelf.ts";

interface Kept<T> {
  version: string;
  value: T;
}

export interface MakeOptions<T> {
  run: Pick<ShelvedRun, "dir" | "id">;
  /** Which of several answers of one run. */
  what: string;
  make: () => T;
}

export class VersionCache<T> {
  readonly #most: number;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept<T>>();

  constructor({ most }: { most: number }) {
    this.#most = most;
  }

  /** What `make` throws is not kept. */
  get({ run, what, make }: MakeOptions<T>): T {
    // asked for before the answer is made: a write meanwhile makes the answer one of an earlier version
    const version = runVersion(run);
    const key = keyOf({ run, what });
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    const value = found !== undefined && found.version === version ? found.value : make();
    if (version !== null) this.#kept.set(key, { version, value });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return value;
  }

  forget({ run, what }: Pick<MakeOptions<T>, "run" | "what">): void {
    this.#kept.delete(keyOf({ run, what }));
  }
}

function keyOf({ run, what }: { run: Pick<ShelvedRun, "id">; what: string }): string {
  return `${run.id} ${what}`;
}
