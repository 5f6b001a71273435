import path from "node:path";
import { expect, test } from "vitest";
import { makeReportRun, SECOND_JUDGE } from "../../../test/support/report-run.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createRun } from "../../store/open-store.ts";
import type { TrialRecord } from "../../store/records.ts";
import type { RunStore } from "../../store/run-store.ts";
import { outcomesOf } from "../../store/trial-outcome.ts";
import type { ViewFilter } from "./api/common.ts";
import { runPage } from "./run-page.ts";

/** The same run with only some of its trials. */
function runOfOnly({
  store,
  folder,
  keep,
}: {
  store: RunStore;
  folder: TemporaryFolder;
  keep: (trial: TrialRecord) => boolean;
}): RunStore {
  const copy = createRun({ dir: path.join(folder.path, "copy"), manifest: store.manifest() });
  copy.transaction(() => {
    copy.putArms(store.arms());
    copy.putLatents(store.latents());
    for (const { kind, detail } of store.events()) copy.putEvent({ kind, detail });
    for (const threshold of store.thresholds()) copy.putThreshold(threshold);
    for (const trial of store.trials()) {
      if (!keep(trial)) continue;
      copy.putTrial(trial);
      for (const judgement of store.judgements({ trialKey: trial.key })) copy.putJudgement(judgement);
    }
  });
  return copy;
}

const FILTERS: [ViewFilter, (trial: TrialRecord) => boolean][] = [
  [{ arm: "strong" }, ({ arm }) => arm === "strong"],
  [{ latent: 3 }, ({ latent }) => latent === 3],
  [{ prompt: 1, judge: SECOND_JUDGE }, ({ promptIndex }) => promptIndex === 1],
  [{ arm: "weak", latent: 5, prompt: 2 }, (t) => t.arm === "weak" && t.latent === 5 && t.promptIndex === 2],
  [{ search: "nowhere to be found" }, () => false],
];

test.each(FILTERS)(
  "the page of %o is the page of a run that holds those trials and no others",
  async (filter, keep) => {
    await using folder = await temporaryFolder();
    using store = makeReportRun({ dir: path.join(folder.path, "run") });
    using copy = runOfOnly({ store, folder, keep });
    const { judge } = filter;
    const page = runPage({ store, filter });
    const alone = runPage({ store: copy, filter: judge === undefined || page.shown === 0 ? {} : { judge } });
    const { dir: _, ...summary } = page.report.summary;
    const { dir: __, ...summaryAlone } = alone.report.summary;
    expect(summary).toEqual(summaryAlone);
    expect({ ...page.report, summary }).toEqual({ ...alone.report, summary });
    expect(page.figures).toEqual(alone.figures);
    expect([page.shown, page.total]).toEqual([alone.total, 144]);
  },
);

test("a filter by outcome lets through the trials that came out so, under the judge that is asked for", async () => {
  await using folder = await temporaryFolder();
  using store = makeReportRun({ dir: folder.path });
  for (const outcome of ["improved", "multi-attempt", "errored"] as const) {
    for (const judge of ["likelihood/1", SECOND_JUDGE]) {
      const { shown, report } = runPage({ store, filter: { outcome, judge } });
      const sum = (of: "improved" | "multiAttempt" | "errored") =>
        report.summary.arms.reduce((total, { counts }) => total + counts[of], 0);
      const field = outcome === "multi-attempt" ? "multiAttempt" : outcome;
      expect(sum(field)).toBe(shown);
      expect(shown).toBeGreaterThan(0);
      expect(outcomesOf(outcome).length).toBeGreaterThan(0);
    }
  }
});
