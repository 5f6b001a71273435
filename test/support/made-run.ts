/** A run in a temporary folder whose trials have chosen judgements. */
import { createRun } from "../../src/store/open-store.ts";
import type { JudgementStatus } from "../../src/store/records.ts";
import type { RunStore } from "../../src/store/run-store.ts";
import { attemptRecords, FAILED, judgementRecord, manifestRecord, trialRecord } from "./run-records.ts";

/** What became of a trial: an error of its own, no judgement yet, or a status with the scores of its attempts. */
export type Outcome = "errored" | "unjudged" | { status: JudgementStatus; scores?: (number | null)[] };

export function makeRun({ dir, outcomes }: { dir: string; outcomes: Outcome[] }): RunStore {
  const store = createRun({ dir, manifest: manifestRecord() });
  outcomes.forEach((outcome, i) => {
    const key = `trial-${i}`;
    store.putTrial(trialRecord({ key, latent: i % 4, ...(outcome === "errored" ? FAILED : {}) }));
    if (typeof outcome === "object") {
      const { status, scores = [] } = outcome;
      store.putJudgement(judgementRecord({ trialKey: key, status, attempts: attemptRecords(scores) }));
    }
  });
  return store;
}
