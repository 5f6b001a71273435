/** Contents of folders, files and runs as results that can be compared. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { openRun } from "../../src/store/open-store.ts";
import type { RunStore } from "../../src/store/run-store.ts";

const lineSchema = z.looseObject({ event: z.string(), step: z.number().optional(), at: z.string() });

/** Events that tell of interruptions themselves, or of what was spent between two. */
const OF_INTERRUPTIONS = ["resumed", "judge-spent", "judgement-retried", "trial-retried"];

/** A run as a map: trials, judgements, thresholds with their samples, latents, arms, and how often each event is there. */
export function runContents(dir: string): Map<string, string> {
  if (!isRun(dir)) return new Map();
  using store = openRun({ dir, mode: "read" });
  const found = new Map<string, string>();
  const put = (key: string, value: unknown) => {
    if (found.has(key)) throw new Error(`${key} is in ${dir} twice`);
    found.set(key, JSON.stringify(value));
  };
  for (const trial of store.trials()) {
    const recorded = store.recordings(trial.key).map(({ name }) => {
      const values = store.activations({ trialKey: trial.key, name })?.values;
      return [name, [...(values ?? [])]];
    });
    put(`trial ${trial.key}`, {
      ...trial,
      recorded,
      tokens: [...trial.tokens],
      offsets: [...trial.offsets],
      createdAt: null,
    });
  }
  for (const { createdAt: _, detail, ...judgement } of store.judgements()) {
    const { trialKey, judge, repeat } = judgement;
    // whether a language model's answer came from the cache is no part of its judgement
    put(`judgement ${trialKey} ${judge} ${repeat}`, { ...judgement, detail: { ...detail, cached: null } });
  }
  for (const sample of store.thresholdSamples()) {
    const { judgement } = sample;
    const detail = judgement && { ...judgement.detail, cached: null };
    put(`sample ${sample.key}`, {
      ...sample,
      tokens: [...sample.tokens],
      judgement: judgement && { ...judgement, detail },
    });
  }
  for (const threshold of store.thresholds())
    put(`threshold ${threshold.calibration} ${threshold.latent}`, threshold);
  for (const latent of store.latents()) put(`latent ${latent.role} ${latent.latent}`, latent);
  for (const arm of store.arms()) put(`arm ${arm.name}`, arm);
  putEvents(store, put);
  return found;
}

function putEvents(store: RunStore, put: (key: string, value: unknown) => void): void {
  const numbers = new Map<string, number>();
  for (const { kind } of store.events()) {
    if (OF_INTERRUPTIONS.includes(kind)) continue;
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    put(`event ${kind} ${number}`, null);
  }
}

/** False for a folder in which a run was cut off before its first record. */
export function isRun(dir: string): boolean {
  try {
    openRun({ dir, mode: "read" }).close();
    return true;
  } catch {
    return false;
  }
}

/** Hashes of files, by their names; of those that are there. */
export async function fileContents(dir: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    const file = path.join(dir, name);
    if (!existsSync(file)) continue;
    found.set(
      `file ${name}`,
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    );
  }
  return found;
}

/** Steps and measurements that a training has logged, by their numbers: of lines that are whole, without the time. */
export async function logContents(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const found = new Map<string, string>();
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    if (line === "") continue;
    const { at: _, ...logged } = lineSchema.parse(JSON.parse(line));
    // a block of rows that is read again after a kill is logged again
    if (logged.step === undefined) continue;
    const key = `${logged.event} ${logged.step}`;
    if (found.has(key)) throw new Error(`${key} is in ${file} twice`);
    found.set(key, JSON.stringify(logged));
  }
  return found;
}

/** SQLite's own files beside a database, which a reader may leave. */
const OF_SQLITE = /\.sqlite-(?:wal|shm)$/;

/** Names of all files below a folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !OF_SQLITE.test(entry.name))
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();
}
