/** What a judge is to judge of a stored run. Tasks that were begun are events of the run, so that they can be gone on with. */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { isJudgeFailure, isOutage, type Judge } from "../judge/judge.ts";
import { judgeSettingsSchema } from "../judge/judge-settings.ts";
import { canonicalHash, canonicalJson } from "../store/canonical-json.ts";
import { judgementsOf } from "../store/judge-choice.ts";
import { isImported } from "../store/reference/manifest-of.ts";
import type { RunStore } from "../store/run-store.ts";
import { parseConfig } from "./config.ts";
import { judgeId } from "./manifest-of.ts";
import { sampleKeys } from "./sample-keys.ts";

const REJUDGE_EVENT = "rejudge";

const taskSchema = z.strictObject({
  settings: judgeSettingsSchema,
  /** null takes all arms. */
  arm: z.string().nullable(),
  /** Responses of a random sample; null takes all. */
  sample: z.int().min(1).nullable(),
  /** Of the sample. */
  seed: z.int().min(0),
  /** Number of the judgement of the same response by the same judge. */
  repeat: z.int().min(0),
});
export type JudgingTask = z.infer<typeof taskSchema>;

const eventSchema = z.object({ judge: z.string(), hash: z.string(), task: taskSchema });

export interface StoredTask {
  /** Name and version of the judge. */
  judge: string;
  /** Whether it is the run's own judge over the whole run. */
  own: boolean;
  task: JudgingTask;
}

/** The run's own judging first, unless it was imported, then every other in the order in which it was begun. */
export function storedTasks({ store }: { store: RunStore }): StoredTask[] {
  const manifest = store.manifest();
  const others = begun(store).map((each) => ({ judge: each.judge, own: false, task: each.task }));
  if (isImported(manifest)) return others;
  const { judge, config } = manifest;
  const { judge: settings } = parseConfig({
    settings: config,
    source: `${store.dir} (the run's own settings)`,
  });
  return [
    { judge: judge.id, own: true, task: { settings, arm: null, sample: null, seed: 0, repeat: 0 } },
    ...others,
  ];
}

/**
 * Keeps a task before its first judgement. Two judges that describe themselves differently may not share a name: their judgements could not be
 * told apart. Throws RUNS_UNEQUAL.
 */
export function beginTask({
  store,
  judge,
  task,
}: {
  store: RunStore;
  judge: Judge;
  task: JudgingTask;
}): void {
  const id = judgeId(judge);
  const hash = canonicalHash(judge.describe());
  const { judge: own } = store.manifest();
  const before = begun(store).filter((each) => each.judge === id);
  const known = [...(own.id === id ? [own.hash] : []), ...before.map((each) => each.hash)];
  if (known.some((each) => each !== hash)) {
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `The run in ${store.dir} was judged by ${id} with other settings.`,
      why: "Judgements of both kinds would lie under one name.",
      todo: "Give the judge the settings that it had, or judge a copy of the run's folder.",
      facts: { dir: store.dir, judge: id, describe: judge.describe() },
    });
  }
  // the run's own judging is a task in any case
  if (own.id === id && task.arm === null && task.sample === null && task.repeat === 0) return;
  const detail = { judge: id, hash, task };
  if (!before.some((each) => canonicalJson(each) === canonicalJson(detail))) {
    store.putEvent({ kind: REJUDGE_EVENT, detail });
  }
}

function begun(store: RunStore): z.infer<typeof eventSchema>[] {
  return store.events({ kind: REJUDGE_EVENT }).map(({ detail }) => eventSchema.parse(detail));
}

export interface TaskState {
  /** Responses of the task: what `arm` and `sample` choose. */
  responses: number;
  /** Chosen trials without a response. */
  errored: number;
  /** Judged before; failures among them are `failures`. */
  judged: number;
  failures: number;
  /** Trials to be judged, in the order of the store. */
  keys: string[];
}

export interface TaskStateOptions {
  store: RunStore;
  /** null for a judge whose name is not known yet: nothing is judged by it. */
  judge: string | null;
  task: Omit<JudgingTask, "settings">;
  /** Judge again where the judge failed. What it could not be asked is always judged again. @default false */
  retryFailed?: boolean;
}

/** Throws REQUEST_INVALID for an arm that the run does not have. */
export function taskState({ store, judge, task, retryFailed = false }: TaskStateOptions): TaskState {
  const { arm, sample, seed, repeat } = task;
  assertArm({ store, arm });
  let errored = 0;
  const all: string[] = [];
  for (const { key, error } of store.trials(arm === null ? {} : { arm })) {
    if (error === null) all.push(key);
    else errored++;
  }
  const drawn = sample === null ? null : new Set(sampleKeys({ keys: all, count: sample, seed }));
  const chosen = drawn === null ? all : all.filter((key) => drawn.has(key));
  const before = judge === null ? null : judgementsOf({ store, choice: { judge, repeat } });
  const state: TaskState = { responses: chosen.length, errored, judged: 0, failures: 0, keys: [] };
  for (const key of chosen) {
    const record = before?.get(key);
    const again = record === undefined || isOutage(record) || (retryFailed && isJudgeFailure(record));
    if (again) {
      state.keys.push(key);
    } else {
      state.judged++;
      state.failures += isJudgeFailure(record) ? 1 : 0;
    }
  }
  return state;
}

function assertArm({ store, arm }: { store: RunStore; arm: string | null }): void {
  if (arm === null) return;
  const arms = Object.keys(store.counts().trialsByArm);
  if (!arms.includes(arm)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The run in ${store.dir} has no arm "${arm}".`,
      why: `Its arms are ${arms.join(", ") || "not stored yet"}.`,
      todo: "Name one of them.",
      facts: { dir: store.dir, arm, arms },
    });
  }
}
