/**
 * The runs of the folder that is shown. A run's name in addresses is a hash of its place, looked up among the places that a scan found, so that no
 * text of a request becomes a path.
 */
import { createHash } from "node:crypto";
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { CountersteerError, messageOf } from "../../errors.ts";
import { notFound } from "./problem.ts";

export interface ShelvedRun {
  /** Names the run in addresses. */
  id: string;
  /** Folder relative to the one that is shown, with forward slashes. */
  name: string;
  /** Absolute. */
  dir: string;
}

export interface RunShelfOptions {
  /** The folder that is shown; it may hold runs, or be one. */
  root: string;
  /** Folders below the root that are looked into. @default 4 */
  depth?: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

const RUN_FILE = "run.sqlite";
const SKIPPED = new Set(["node_modules"]);
/** Against a folder that is no folder of runs, such as the root of a disk. */
const MOST_FOLDERS = 20_000;
/** Milliseconds between scans that unknown names bring about. */
const RESCAN_AFTER = 1000;

export class RunShelf {
  readonly root: string;
  readonly #depth: number;
  readonly #now: () => number;
  #runs: ReadonlyMap<string, ShelvedRun> = new Map();
  #scannedAt = Number.NEGATIVE_INFINITY;

  /** Throws CONFIG_INVALID where the folder can't be looked into. */
  constructor({ root, depth = 4, now = Date.now }: RunShelfOptions) {
    this.root = realFolder(root);
    this.#depth = depth;
    this.#now = now;
  }

  /** Looks again, and gives all runs in the order of their names. */
  scan(): ShelvedRun[] {
    this.#scannedAt = this.#now();
    const found = runFolders({ root: this.root, depth: this.#depth }).map((dir) => this.#shelved(dir));
    this.#runs = new Map(found.map((run) => [run.id, run]));
    return found;
  }

  /** What the last scan found. */
  known(): ShelvedRun[] {
    return this.#scannedAt === Number.NEGATIVE_INFINITY ? this.scan() : [...this.#runs.values()];
  }

  /** The id of a run in a folder below the root, there already or not. */
  idOf(dir: string): string {
    return this.#shelved(dir).id;
  }

  /** Throws NOT_FOUND. */
  run(id: string): ShelvedRun {
    if (!this.#runs.has(id) && this.#now() - this.#scannedAt >= RESCAN_AFTER) this.scan();
    const run = this.#runs.get(id);
    if (run === undefined) {
      throw notFound({ what: "There is no such run.", todo: "Go back to the list of runs." });
    }
    return run;
  }

  #shelved(dir: string): ShelvedRun {
    const relative = path.relative(this.root, dir).split(path.sep).join("/");
    const id = createHash("sha256").update(relative).digest("hex").slice(0, 16);
    return { id, name: relative === "" ? path.basename(dir) : relative, dir };
  }
}

/** A text that is another one after every write to the run's database; null where the file is gone. */
export function runVersion({ dir }: Pick<ShelvedRun, "dir">): string | null {
  const parts = [RUN_FILE, `${RUN_FILE}-wal`].map((name) => {
    const facts = statSync(path.join(dir, name), { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? null : `${facts.ino}:${facts.size}:${facts.mtimeNs}`;
  });
  return parts[0] === null ? null : parts.join("|");
}

function realFolder(root: string): string {
  try {
    const real = realpathSync(root);
    readdirSync(real);
    return real;
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${root} can't be shown.`,
      why: `${messageOf(cause)}.`,
      todo: "Give a folder that holds runs.",
      facts: { root },
      cause,
    });
  }
}

/** Links are not followed: neither folders nor databases, for they may lead out of the root. */
function runFolders({ root, depth }: { root: string; depth: number }): string[] {
  const found: string[] = [];
  let level = [root];
  let seen = 0;
  for (let at = 0; at <= depth && level.length > 0; at++) {
    const next: string[] = [];
    for (const folder of level) {
      const entries = entriesOf(folder);
      if (entries.some((entry) => entry.name === RUN_FILE && entry.isFile())) {
        found.push(folder);
        continue;
      }
      for (const entry of entries) {
        if (!entry.isDirectory() || entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
        if (seen++ < MOST_FOLDERS) next.push(path.join(folder, entry.name));
      }
    }
    level = next;
  }
  return found.toSorted();
}

/** Empty for a folder that can't be read. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
