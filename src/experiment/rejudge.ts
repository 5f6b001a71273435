/**
 * Lets any judge judge the responses of a stored run. Each judgement is on disk before the next is asked for, under the judge's own name; what
 * other judges said is not touched, and nothing is judged twice.
 */
import { CountersteerError } from "../errors.ts";
import { CalibrationSchema } from "../judge/calibration.ts";
import { isJudgeFailure, isOutage, type Judgement } from "../judge/judge.ts";
import { openLanguageModelJudge } from "../judge/open-judge.ts";
import type { RunStore } from "../store/run-store.ts";
import { assertSame } from "./assert-same.ts";
import { judgeTrials } from "./judge-trials.ts";
import { beginTask, type JudgingTask, type TaskState, taskState } from "./judging-task.ts";
import { judgeId } from "./manifest-of.ts";
import { type JudgeAccess, openJudge, type SessionJudge } from "./open-judge.ts";
import { CALIBRATION_EVENT, JUDGE_SPENT_EVENT } from "./run.ts";
import type { Session } from "./session.ts";

export interface RejudgeProgress {
  judge: string;
  done: number;
  total: number;
  failures: number;
  /** null for a judge that costs nothing. */
  spent: Record<string, number> | null;
}

export interface RejudgeOptions extends JudgeAccess {
  store: RunStore;
  task: JudgingTask;
  /** Opened from the run's own configuration with the task's judge; needed by the likelihood judge only. @default null */
  session?: Session | null;
  cacheDir: string;
  /** The name that the judge must have, where it goes on with what was begun. @default any */
  begunBy?: string | null;
  /** Judge again where the judge failed. @default false */
  retryFailed?: boolean;
  onProgress?: (progress: RejudgeProgress) => void;
  onWarning?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Rejudged extends Omit<TaskState, "keys"> {
  judge: string;
  repeat: number;
  /** Judged now, by status. */
  now: Partial<Record<Judgement["status"], number>>;
  /** Of those, responses that the judge could not be asked about: they are judged by the next call. */
  outages: number;
  spent: Record<string, number> | null;
}

/**
 * Throws what opening the judge throws, RUNS_UNEQUAL where the judge or the model is not what it was, LLM_UNAVAILABLE, LLM_ACCESS or ABORTED
 * where the judging ends early; another call with the same task goes on.
 */
export async function rejudge(options: RejudgeOptions): Promise<Rejudged> {
  const { store, task, session = null, retryFailed = false, onProgress, signal } = options;
  const opened = await open(options);
  try {
    const { judge, spent } = opened;
    const id = judgeId(judge);
    assertBegunBy({ store, begunBy: options.begunBy ?? null, id });
    beginTask({ store, judge, task });
    const { keys, ...before } = taskState({ store, judge: id, task, retryFailed });
    const result: Rejudged = { judge: id, repeat: task.repeat, ...before, now: {}, outages: 0, spent: null };
    let done = 0;
    let failures = 0;
    const tell = () =>
      onProgress?.({ judge: id, done, total: keys.length, failures, spent: spent?.() ?? null });
    tell();
    try {
      for await (const { key, judgement } of judgeTrials({
        store,
        session,
        judge,
        repeat: task.repeat,
        keys,
        signal,
      })) {
        const createdAt = new Date().toISOString();
        store.retryJudgement({ ...judgement, trialKey: key, repeat: task.repeat, createdAt });
        result.now[judgement.status] = (result.now[judgement.status] ?? 0) + 1;
        result.outages += isOutage(judgement) ? 1 : 0;
        failures += isJudgeFailure(judgement) ? 1 : 0;
        done++;
        tell();
      }
    } finally {
      result.spent = spent?.() ?? null;
      if (result.spent !== null && keys.length > 0) {
        store.putEvent({ kind: JUDGE_SPENT_EVENT, detail: { judge: id, ...result.spent } });
      }
    }
    return result;
  } finally {
    await opened.close();
  }
}

async function open(options: RejudgeOptions): Promise<SessionJudge> {
  const { store, task, session = null, cacheDir, llm, pull, signal, onWarning } = options;
  const common = { cacheDir, llm, pull, signal, onWarning };
  if (session === null) {
    return { ...(await openLanguageModelJudge({ settings: task.settings, ...common })), calibration: null };
  }
  assertSame({ store, session, judge: null });
  return await openJudge({ session, stored: storedCalibration({ store, task }), ...common });
}

/** A newer version of the same judge has another name, and would leave the old one's judging unfinished for ever. */
function assertBegunBy({
  store,
  begunBy,
  id,
}: {
  store: RunStore;
  begunBy: string | null;
  id: string;
}): void {
  if (begunBy === null || begunBy === id) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: `${id} can't go on with what ${begunBy} began in ${store.dir}.`,
    why: "It is another judge, or another version of it, and its scores may differ.",
    todo: "Use the version of Countersteer that began it, or let the new judge judge everything with `countersteer judge rejudge`.",
    facts: { dir: store.dir, before: begunBy, now: id },
  });
}

/** The run's own calibration, which is of the run's own contrasts. */
function storedCalibration({ store, task: { settings } }: { store: RunStore; task: JudgingTask }) {
  const [event] = store.events({ kind: CALIBRATION_EVENT });
  // of another version it is no calibration of this judge
  const calibration = CalibrationSchema.safeParse(event?.detail).data ?? null;
  return calibration?.contrast.size === settings.contrastSize ? calibration : null;
}
