/**
 * Shards of one run put together into a run (docs/store.md). Every record is read and checked as on any other way into a store, and is written
 * beside the place where the result will be: a merge that is cut off leaves nothing there.
 */
import { CountersteerError, isCode } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { RunCounts } from "./counts.ts";
import { createRun } from "./open-store.ts";
import type { RunStore } from "./run-store.ts";
import { assertShards, mergedManifest, type ShardRun } from "./shard-manifests.ts";
import { wholeFolder } from "./whole-folder.ts";

export const MERGED_EVENT = "merged";

export interface MergeRunsOptions {
  /** Shards, opened for reading. */
  shards: readonly RunStore[];
  /** Folder of the result; nothing may be there. */
  dir: string;
  /** Take shards that are not finished, and fewer than there are. @default false */
  allowIncomplete?: boolean;
  onProgress?: (progress: { done: number; total: number }) => void;
  now?: () => Date;
}

export interface Merged {
  shards: { dir: string; shard: string; trials: number }[];
  trials: number;
  judgements: number;
  /** What is missing, in words; empty for a whole run. */
  incomplete: string[];
}

/** Kinds of which a run has one event, and all its shards the same. */
const ONE_EVENT: readonly string[] = ["analysis", "judge-calibration", "divergence-answers"];
/** Kinds of which every shard has the same events: they were made before the trials. */
const SHARED_EVENTS: readonly string[] = [...ONE_EVENT, "divergence"];
/** Records of one transaction. */
const AT_ONCE = 500;

/**
 * Throws RUNS_UNEQUAL where the shards are not of one run, or hold a record differently, SHARDS_INCOMPLETE, and RUN_EXISTS where something is in the
 * result's place.
 */
export function mergeRuns(options: MergeRunsOptions): Merged {
  const { shards, dir, allowIncomplete = false, onProgress = () => {}, now = () => new Date() } = options;
  const { runs, incomplete } = assertShards({ shards, allowIncomplete });
  const { part, place, discard } = wholeFolder({ dir });
  try {
    const merged = fill({ runs, incomplete, part, onProgress, now });
    place();
    return merged;
  } catch (error) {
    discard();
    throw error;
  }
}

interface FillOptions {
  runs: readonly ShardRun[];
  incomplete: string[];
  part: string;
  onProgress: NonNullable<MergeRunsOptions["onProgress"]>;
  now: () => Date;
}

function fill({ runs, incomplete, part, onProgress, now }: FillOptions): Merged {
  using store = createRun({ dir: part, manifest: mergedManifest(runs), now });
  const total = runs.reduce((sum, { counts }) => sum + counts.trials, 0);
  let done = 0;
  store.transaction(() => {
    for (const run of runs) refusing(run, () => copySetup({ from: run.store, to: store }));
    copyEvents({ runs, to: store });
  });
  for (const run of runs) {
    refusing(run, () =>
      copyTrials({
        from: run.store,
        to: store,
        onTrial: () => {
          done += 1;
          if (done % AT_ONCE === 0) onProgress({ done, total });
        },
      }),
    );
  }
  const counts = store.counts();
  assertSum({ runs, counts });
  const judgements = sumOf(counts.judgements);
  const shards = runs.map(({ store: { dir }, shard, counts: own }) => ({
    dir,
    shard: `${shard.index}/${shard.count}`,
    trials: own.trials,
  }));
  const merged = { shards, trials: counts.trials, judgements, incomplete };
  store.transaction(() => {
    store.putEvent({ kind: MERGED_EVENT, detail: merged });
    if (incomplete.length === 0) store.putEvent({ kind: "finished", detail: { trials: counts.trials } });
  });
  return merged;
}

function copySetup({ from, to }: { from: RunStore; to: RunStore }): void {
  to.putArms(from.arms());
  to.putLatents(from.latents());
  for (const sample of from.thresholdSamples()) to.putThresholdSample(sample);
  for (const threshold of from.thresholds()) to.putThreshold(threshold);
}

/** What all shards have in common once, all else of each. */
function copyEvents({ runs, to }: { runs: readonly ShardRun[]; to: RunStore }): void {
  const once = new Set<string>();
  for (const { store } of runs) {
    for (const { at, kind, detail } of store.events()) {
      const content = canonicalJson({ kind, detail });
      const isKnown = SHARED_EVENTS.includes(kind) && once.has(content);
      if (ONE_EVENT.includes(kind) && !isKnown && once.has(kind)) throw unequalEvent(kind, store.dir);
      if (kind !== "finished" && !isKnown) to.importEvent({ at, kind, detail });
      once.add(content).add(kind);
    }
  }
}

function copyTrials({ from, to, onTrial }: { from: RunStore; to: RunStore; onTrial: () => void }): void {
  let batch: (() => void)[] = [];
  const flush = () => {
    to.transaction(() => {
      for (const put of batch) put();
    });
    batch = [];
  };
  for (const trial of from.trials()) {
    batch.push(() => {
      // two shards never share a unit, so that a trial that is there is an error even if it is the same
      if (!to.putTrial(trial)) throw doubled(trial.key);
      for (const { name } of from.recordings(trial.key)) {
        const recorded = from.activations({ trialKey: trial.key, name });
        if (recorded !== null) to.putActivations(recorded);
      }
      onTrial();
    });
    if (batch.length === AT_ONCE) flush();
  }
  flush();
  for (const judgement of from.judgements()) {
    batch.push(() => to.putJudgement(judgement));
    if (batch.length === AT_ONCE) flush();
  }
  flush();
}

function assertSum({ runs, counts }: { runs: readonly ShardRun[]; counts: RunCounts }): void {
  const facts: Record<string, (of: RunCounts) => number> = {
    trials: ({ trials }) => trials,
    errored: ({ errored }) => errored,
    degraded: ({ degraded }) => degraded,
    judgements: ({ judgements }) => sumOf(judgements),
    scored: ({ judgements }) => judgements.scored,
  };
  const wrong = Object.entries(facts).flatMap(([name, of]) => {
    const sum = runs.reduce((total, run) => total + of(run.counts), 0);
    return sum === of(counts) ? [] : [`${name}: ${sum} in the shards, ${of(counts)} in the result`];
  });
  if (wrong.length === 0) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: "The result of the merge is not the sum of its shards.",
    why: `${wrong.join("; ")}.`,
    todo: "Let no shard be written to while it is merged, and merge again.",
    facts: { wrong },
  });
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function unequalEvent(kind: string, dir: string): CountersteerError {
  return new CountersteerError("RUNS_UNEQUAL", {
    what: `${dir} has another ${kind} than a shard before it.`,
    why: "Trials of one run are judged and compared alike.",
    todo: "Run one shard first, and the others with --reuse and its folder.",
    facts: { dir, kind },
  });
}

function doubled(key: string): CountersteerError {
  return new CountersteerError("RUNS_UNEQUAL", {
    what: `The trial ${key} is in two of the shards.`,
    why: "Shards of one run have no unit in common.",
    todo: "Give each shard once.",
    facts: { key },
  });
}

/** What two shards say differently is no damage of either. */
function refusing(run: ShardRun, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(isCode(cause, "STORE_CORRUPT") && cause.facts.conflict === true)) throw cause;
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `${run.store.dir} differs from a shard before it.`,
      why: `${cause.what} The shards were not made with the same thresholds, labels or engine.`,
      todo: "Run one shard first, and the others with --reuse and its folder, so that all have its thresholds.",
      facts: { ...cause.facts, dir: run.store.dir },
      cause,
    });
  }
}
