/** Implicit recoveries of each arm, which the likelihood judge finds without restart wording (DESIGN.md 7). They are no ESR successes. */
import { z } from "zod";
import { type ProportionInterval, wilson } from "../stats/wilson.ts";
import type { RunStore } from "../store/run-store.ts";
import { bounds, percent } from "./number-text.ts";
import { renderTable } from "./render-table.ts";
import type { TrialSet } from "./trial-set.ts";

export interface ArmRecoveries {
  arm: string;
  /** Trials in which a lasting return to the topic was found, of those with one attempt that was long enough to test. */
  recoveries: ProportionInterval & { successes: number };
}

export interface Recoveries {
  arms: ArmRecoveries[];
  /** Answers of the judge's calibration in which one was found although there is none; null where the run keeps no calibration. */
  falseAlarms: z.infer<typeof falseAlarmsSchema> | null;
}

const tally = z.object({ answers: z.number(), alarms: z.number() });
const falseAlarmsSchema = z.object({ unsteered: tally, offTopic: tally });
const calibrationSchema = z.object({ recovery: z.object({ falseAlarms: falseAlarmsSchema }) });

/** Null where no judgement was tested: another judge, or an older one. */
export function recoveriesOf({
  store,
  byArm,
  level,
}: {
  store: RunStore;
  byArm: ReadonlyMap<string, TrialSet>;
  level: number;
}): Recoveries | null {
  const arms = Array.from(byArm, ([arm, trials]) => {
    // 1 not found, 2 found
    const tested = trials.places.map((at) => trials.facts.recovered[at] ?? 0).filter((code) => code > 0);
    const successes = tested.filter((code) => code === 2).length;
    return { arm, recoveries: { ...wilson({ successes, n: tested.length, level }), successes } };
  });
  if (arms.every(({ recoveries }) => recoveries.n === 0)) return null;
  const [event] = store.events({ kind: "judge-calibration" });
  const calibration = calibrationSchema.safeParse(event?.detail);
  return { arms, falseAlarms: calibration.success ? calibration.data.recovery.falseAlarms : null };
}

export function recoveriesText({ recoveries, level }: { recoveries: Recoveries; level: number }): string {
  const { arms, falseAlarms } = recoveries;
  const table = renderTable({
    head: ["arm", "implicit recoveries", "", `Wilson ${100 * level} %`],
    rows: arms.map(({ arm, recoveries: rate }) => [
      arm,
      `${rate.successes}/${rate.n}`,
      percent(rate.estimate),
      bounds(rate, 100),
    ]),
    color: false,
    align: ["left", "right", "right", "right"],
  });
  if (falseAlarms === null) return table;
  const { unsteered, offTopic } = falseAlarms;
  return (
    `${table}\nFalse alarms in the judge's calibration: ${unsteered.alarms} of ${unsteered.answers} unsteered answers, ` +
    `${offTopic.alarms} of ${offTopic.answers} off topic to the end.`
  );
}
