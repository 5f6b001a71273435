/** Lets a judge of one's own judge a stored run, beside the run's judges and under its own name. */
import { CountersteerError } from "../errors.ts";
import type { Judge, Judgement } from "../judge/judge.ts";
import type { RunStore } from "../store/run-store.ts";
import { judgeTrials } from "./judge-trials.ts";
import { taskState } from "./judging-task.ts";
import { judgeId } from "./manifest-of.ts";

export interface JudgeStoredOptions {
  /** Open for writing. */
  store: RunStore;
  judge: Judge;
  /** @default all arms */
  arm?: string;
  /** Number of the judgement of the same response. @default 0 */
  repeat?: number;
  /** Judge again where the judge failed. @default false */
  retryFailed?: boolean;
  onJudged?: (judgement: Judgement) => void;
  signal?: AbortSignal | undefined;
}

export interface JudgedStored {
  /** `name/version`: what `report --judge`, `judge compare` and `judge agreement` call it. */
  judge: string;
  /** Judged now; what the judge had judged before is not judged again. */
  judged: number;
}

/**
 * Each judgement is stored at once, so that a judging which was cut off goes on. A judge that would score a response otherwise than before needs
 * another version. Throws RUNS_UNEQUAL where the judge has the name of the run's own, REQUEST_INVALID for an arm that the run does not have.
 */
export async function judgeStored(options: JudgeStoredOptions): Promise<JudgedStored> {
  const { store, judge, arm = null, repeat = 0, retryFailed = false, onJudged, signal } = options;
  const id = judgeId(judge);
  if (store.manifest().judge.id === id) {
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `The run in ${store.dir} was judged by another judge that is called ${id}.`,
      why: "Judgements of both would lie under one name.",
      todo: "Give the judge another name or version.",
      facts: { dir: store.dir, judge: id },
    });
  }
  const task = { arm, sample: null, seed: 0, repeat };
  const { keys } = taskState({ store, judge: id, task, retryFailed });
  for await (const { key, judgement } of judgeTrials({ store, session: null, judge, repeat, keys, signal })) {
    store.retryJudgement({ ...judgement, trialKey: key, repeat, createdAt: new Date().toISOString() });
    onJudged?.(judgement);
  }
  return { judge: id, judged: keys.length };
}
