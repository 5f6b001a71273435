import { describe, expect, test } from "vitest";
import { eachEmptyRun } from "../../test/support/empty-run.ts";
import { attemptRecords, judgementRecord, trialRecord } from "../../test/support/run-records.ts";
import { isCode } from "../errors.ts";
import type { RunStore } from "../store/run-store.ts";
import { summarise } from "./summarise.ts";
import { summaryText } from "./table.ts";
import { trialReport, trialReportText } from "./trial-report.ts";

let store: RunStore;
eachEmptyRun((empty) => {
  store = empty;
});

function put(key: string, detail: Record<string, number | number[]>): void {
  store.putTrial(trialRecord({ key }));
  store.putJudgement(
    judgementRecord({ trialKey: key, status: "scored", attempts: attemptRecords([50]), detail }),
  );
}

describe("implicit recoveries in a report", () => {
  test("are counted among the tested responses, and shown with the calibration's false alarms", () => {
    put("tested", { recoveryStatistic: 1 });
    put("returns", { recoveryStatistic: 7, implicitRecoveryAt: 10 });
    put("too short to test", {});
    const falseAlarms = { unsteered: { answers: 38, alarms: 1 }, offTopic: { answers: 38, alarms: 0 } };
    store.putEvent({ kind: "judge-calibration", detail: { recovery: { falseAlarms } } });
    const summary = summarise({ store });
    expect(summary.recoveries?.arms).toMatchObject([{ arm: "steered", recoveries: { successes: 1, n: 2 } }]);
    expect(summary.recoveries?.falseAlarms).toEqual(falseAlarms);
    const text = summaryText({ summary, color: false, width: 100 });
    expect(text).toContain("1/2");
    expect(text).toContain("1 of 38 unsteered answers");
  });

  test("have no table where the judge does not look for them", () => {
    put("another judge's", {});
    expect(summarise({ store }).recoveries).toBeNull();
  });
});

describe("the report of one trial", () => {
  test("holds the judge's curve and where the response returns", () => {
    put("one", { recoveryStatistic: 7, implicitRecoveryAt: 10, curve: [0.5, 1, -0.25] });
    const report = trialReport({ store, key: "on" });
    expect(report.judgements[0]?.detail.curve).toEqual([0.5, 1, -0.25]);
    expect(report.trial.tokens).toHaveLength(3);
    const text = trialReportText({ report, width: 100 });
    expect(text).toContain("returns to the topic at 10");
    expect(text).toContain("0.42");
  });

  test.each(["", "absent"])("refuses a key that names no trial or several: %j", (key) => {
    put("one", {});
    put("other", {});
    let refusal: unknown;
    try {
      trialReport({ store, key });
    } catch (error) {
      refusal = error;
    }
    expect(isCode(refusal, "REQUEST_INVALID")).toBe(true);
  });
});
