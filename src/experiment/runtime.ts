/** What the parts of the loop share while a run goes on. */
import type { CallOptions } from "../engine/engine.ts";
import { CountersteerError, type ErrorRecord, toErrorRecord } from "../errors.ts";
import type { Judge } from "../judge/judge.ts";
import type { RunStore } from "../store/run-store.ts";
import type { EarlierRun } from "./earlier-run.ts";
import type { ProgressMeter } from "./progress.ts";
import type { Session } from "./session.ts";

export interface Runtime {
  session: Session;
  store: RunStore;
  judge: Judge;
  meter: ProgressMeter;
  /** What need not be done again; null where there is no earlier run. */
  earlier: EarlierRun | null;
  /** Options of every engine call: the abort signal. */
  call: CallOptions;
}

const CONCERNS_TRIAL: readonly string[] = ["EDIT_NOT_APPLIED", "CONTEXT_OVERFLOW"];

/** What is stored of a failure that concerns one trial. Any other error is thrown on: it would repeat for every trial. */
export function recordOf(error: unknown): Pick<ErrorRecord, "code" | "what" | "why" | "todo"> {
  if (!(error instanceof CountersteerError && CONCERNS_TRIAL.includes(error.code))) {
    throw error;
  }
  const { code, what, why, todo } = toErrorRecord(error);
  return { code, what, why, todo };
}
