/** A stored run in numbers: plain data, for tables, figures and `--json` alike. */
import type { Manifest } from "../store/manifest.ts";
import { runMargin } from "../store/run-margin.ts";
import type { JudgedTrial, RunStore } from "../store/run-store.ts";
import { type ArmSummary, summariseArm } from "./arm-summary.ts";
import { type CalibrationRow, calibrationRows } from "./calibration-rows.ts";
import { storedFacts } from "./outcomes.ts";
import { type Recoveries, recoveriesOf } from "./recoveries.ts";

export interface SummariseOptions {
  store: RunStore;
  /** Success is last > first + margin, in score points. @default the run's own */
  margin?: number;
  /** `name/version` of the judge whose judgements count. @default the run's own */
  judge?: string;
  /** Leave responses that loop on one word out of the rates. @default false */
  excludeDegraded?: boolean;
  /** Of all intervals. @default 0.95 */
  level?: number;
  /** Of each bootstrap. @default 2000 */
  replicates?: number;
}

export interface RunSummary {
  dir: string;
  manifest: Manifest;
  judge: string;
  margin: number;
  excludeDegraded: boolean;
  level: number;
  /** In the order of the design. */
  arms: ArmSummary[];
  calibration: CalibrationRow[];
  /** null where the judge does not look for them. */
  recoveries: Recoveries | null;
}

export function summarise(options: SummariseOptions): RunSummary {
  const { store, excludeDegraded = false, level = 0.95, replicates = 2000 } = options;
  const manifest = store.manifest();
  const { margin = runMargin(manifest), judge = manifest.judge.id } = options;
  // arms that were declared come first and are listed even without trials
  const facts = storedFacts({ store, judge });
  const declared = store.arms().map(({ name }) => name);
  const names = [...declared, ...[...facts.arms.keys()].filter((arm) => !declared.includes(arm))];
  const byArm = new Map(names.map((arm) => [arm, facts.arm(arm)]));
  const read = (key: string) => readJudged({ store, key, judge });
  return {
    dir: store.dir,
    manifest,
    judge,
    margin,
    excludeDegraded,
    level,
    arms: Array.from(byArm, ([arm, trials]) =>
      summariseArm({ arm, trials, margin, level, excludeDegraded, replicates, read }),
    ),
    calibration: calibrationRows({ store }),
    recoveries: recoveriesOf({ store, byArm, level }),
  };
}

/** One trial whole. */
export function readJudged({
  store,
  key,
  judge,
}: {
  store: RunStore;
  key: string;
  judge: string;
}): JudgedTrial | null {
  const trial = store.trial(key);
  return trial === null ? null : { trial, judgement: store.judgement({ trialKey: key, judge }) };
}
