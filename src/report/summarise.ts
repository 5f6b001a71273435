/** A stored run in numbers: plain data, for tables, figures and `--json` alike. */
import type { Manifest } from "../store/manifest.ts";
import type { RunStore } from "../store/run-store.ts";
import { type ArmSummary, summariseArm } from "./arm-summary.ts";
import { type CalibrationRow, calibrationRows } from "./calibration-rows.ts";
import { type TrialFacts, trialFacts } from "./outcomes.ts";
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
  const byArm = new Map<string, TrialFacts[]>(store.arms().map(({ name }) => [name, []]));
  for (const facts of trialFacts(store.judged({ judge }))) {
    const { arm } = facts.row.trial;
    const trials = byArm.get(arm) ?? [];
    byArm.set(arm, trials);
    trials.push(facts);
  }
  return {
    dir: store.dir,
    manifest,
    judge,
    margin,
    excludeDegraded,
    level,
    arms: Array.from(byArm, ([arm, trials]) =>
      summariseArm({ arm, trials, margin, level, excludeDegraded, replicates }),
    ),
    calibration: calibrationRows({ store }),
    recoveries: recoveriesOf({ store, byArm, level }),
  };
}

/** The margin that the run was configured with; the paper's, 0, where it says none. */
export function runMargin({ config }: Manifest): number {
  return typeof config.margin === "number" ? config.margin : 0;
}
