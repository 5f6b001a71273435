/** What a fault must not cost. */
import { expect } from "vitest";
import type { CliResult } from "../../model/support/cli.ts";
import { trialsOf } from "./toy-runs.ts";

type Trials = ReturnType<typeof trialsOf>;

/** A run that was cut off holds some of the trials, none other than an undisturbed run has; a judgement may still be missing. */
export function expectPart({ dir, whole }: { dir: string; whole: Trials }): void {
  const kept = trialsOf(dir);
  expect(kept.size).toBeGreaterThan(0);
  expect(kept.size).toBeLessThan(whole.size);
  for (const [key, trial] of kept) {
    const isJudged = trial.attempts !== null;
    expect(trial).toEqual(isJudged ? whole.get(key) : { ...whole.get(key), attempts: null });
  }
}

/** The command ended well, and the run is what it would have been without a fault. */
export function expectWhole({ result, dir, whole }: { result: CliResult; dir: string; whole: Trials }): void {
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(trialsOf(dir)).toEqual(whole);
}
