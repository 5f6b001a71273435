import { describe, expect, test } from "vitest";
import { makeResponsesRun } from "../../test/support/responses-run.ts";
import { attemptRecords, judgementRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { RunStore } from "../store/run-store.ts";
import { compareJudges } from "./judge-compare.ts";
import { judgeComparisonText } from "./judge-compare-text.ts";
import { summarise } from "./summarise.ts";

/** 16 responses in two arms: the second judge sees one more restart in four of the steered ones, and fails on two. */
async function twoJudges() {
  const folder = await temporaryFolder();
  const store = makeResponsesRun({ dir: folder.path, responses: 32 });
  for (let i = 0; i < 32; i++) {
    const trialKey = `trial-${i}`;
    const first = i % 8 === 1 ? [20, 50] : [20 + i];
    const more = [3, 5, 11, 13].includes(i) ? [20 + i, 90] : first;
    store.putJudgement(judgementRecord({ trialKey, attempts: attemptRecords(first) }));
    if (i === 0 || i === 7)
      store.putJudgement(judgementRecord({ trialKey, judge: "b/1", status: "failed", attempts: [] }));
    else store.putJudgement(judgementRecord({ trialKey, judge: "b/1", attempts: attemptRecords(more) }));
  }
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const compare = (store: RunStore) =>
  compareJudges({ store, first: "likelihood", second: "b/1", replicates: 100 });

describe("a run under two judges", () => {
  test("has every rate over the common set, and over what each judge itself scored", async () => {
    await using run = await twoJudges();
    const steered = compare(run.store).arms.find(({ arm }) => arm === "steered");
    expect(steered).toMatchObject({
      common: 15,
      onlyFirst: 1,
      onlySecond: 0,
      neither: 0,
      own: {
        first: { counts: { scored: 16, failed: 0 }, multiAttempt: { successes: 4, n: 16 } },
        second: { counts: { scored: 15, failed: 1 }, multiAttempt: { successes: 8, n: 15 } },
      },
      shared: {
        first: { multiAttempt: { successes: 4, n: 15 }, esr: { successes: 4, n: 15 } },
        second: { multiAttempt: { successes: 8, n: 15 }, esr: { successes: 8, n: 15 } },
      },
    });
  });

  test("differs by the paired responses, second less first", async () => {
    await using run = await twoJudges();
    const [score, multi] = compare(run.store).arms.find(({ arm }) => arm === "steered")?.differences ?? [];
    expect(score).toMatchObject({ measure: "first-score", mcnemar: null, difference: { estimate: 0 } });
    expect(multi).toMatchObject({
      measure: "multi-attempt",
      table: { both: 4, onlyFirst: 0, onlySecond: 4, neither: 7 },
      // two-sided: 2 x (1/2)^4
      mcnemar: { p: 0.125, discordant: 4 },
    });
    expect(multi?.difference.estimate).toBeCloseTo(4 / 15, 12);
    expect(multi?.difference.upper).toBeGreaterThan(4 / 15);
  });

  test("shows of a judge alone what the run's own report shows", async () => {
    await using run = await twoJudges();
    const { arms } = compare(run.store);
    const own = summarise({ store: run.store, replicates: 100 }).arms;
    for (const [i, { counts, firstScore, multiAttempt, esr }] of own.entries()) {
      expect(arms[i]?.own.first).toMatchObject({ counts, firstScore, multiAttempt, esr });
    }
  });

  test("is the mirror image with the judges exchanged", async () => {
    await using run = await twoJudges();
    const forth = compare(run.store).arms;
    const back = compareJudges({
      store: run.store,
      first: "b/1",
      second: "likelihood",
      replicates: 100,
    }).arms;
    forth.forEach(({ differences, common, onlyFirst }, i) => {
      expect(back[i]).toMatchObject({ common, onlySecond: onlyFirst });
      differences.forEach(({ difference }, k) => {
        expect(back[i]?.differences[k]?.difference.estimate).toBeCloseTo(
          -(difference.estimate ?? Number.NaN),
          12,
        );
      });
    });
  });

  test("is refused where they scored no response in common", async () => {
    await using run = await twoJudges();
    run.store.putJudgement(
      judgementRecord({ trialKey: "trial-0", judge: "c/1", status: "failed", attempts: [] }),
    );
    expect(() => compareJudges({ store: run.store, first: "likelihood", second: "c/1" })).toThrow(
      expect.objectContaining({ code: "REQUEST_INVALID" }),
    );
  });

  test("says every denominator as text", async () => {
    await using run = await twoJudges();
    const text = judgeComparisonText({ comparison: compare(run.store), color: false });
    for (const part of ["4/15", "8/15", "4/16", "judge failed", "Scored by both 15, by A only 1", "0.1250"]) {
      expect(text).toContain(part);
    }
  });
});
