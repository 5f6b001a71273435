/** What judging a stored run will take, before any judge is asked or opened. */
import { LIKELIHOOD_NAME, LIKELIHOOD_VERSION } from "../judge/likelihood.ts";
import { llmJudgeOf } from "../judge/llm/open-llm-judge.ts";
import { type CallPlan, planCalls } from "../judge/llm/plan-calls.ts";
import type { RunStore } from "../store/run-store.ts";
import { type JudgingTask, type TaskState, taskState } from "./judging-task.ts";
import { judgeId } from "./manifest-of.ts";

export interface RejudgePlan extends Omit<TaskState, "keys"> {
  /** null for a local model, whose file is not looked for: everything is counted as not judged by it. */
  judge: string | null;
  toJudge: number;
  /** What a provider's judge takes; null for a judge that runs here. */
  calls: CallPlan | null;
}

export interface RejudgePlanOptions {
  store: RunStore;
  task: JudgingTask;
  retryFailed?: boolean;
}

/** Characters of English a token, as `planCalls` counts them. */
const CHARACTERS_A_TOKEN = 4;

/** Needs no key and asks nothing. Throws CONFIG_INVALID, REQUEST_INVALID. */
export function rejudgePlan({ store, task, retryFailed = false }: RejudgePlanOptions): RejudgePlan {
  const { settings } = task;
  const judge = nameOf(settings);
  const { keys, ...state } = taskState({ store, judge, task, retryFailed });
  const responses = keys.flatMap((key) => {
    const trial = store.trial(key);
    return trial === null
      ? []
      : [{ count: 1, tokens: trial.tokens.length + trial.prompt.length / CHARACTERS_A_TOKEN }];
  });
  const calls = settings.kind === "llm" ? planCalls({ settings, responses }) : null;
  return { judge, ...state, toJudge: keys.length, calls };
}

function nameOf(settings: JudgingTask["settings"]): string | null {
  switch (settings.kind) {
    case "likelihood":
      return `${LIKELIHOOD_NAME}/${LIKELIHOOD_VERSION}`;
    case "local-llm":
      return null;
    case "llm": {
      // the key is not looked at before something is asked, and a plan needs none
      const keys = { [settings.provider]: "no key" };
      return judgeId(llmJudgeOf({ settings, access: { keys, cacheDir: null } }));
    }
  }
}
