/** Agreement over stored runs. The numbers themselves are tested in `judge/agreement.test.ts`; here, that they are of the right responses. */
import { describe, expect, test } from "vitest";
import { makeResponsesRun } from "../../test/support/responses-run.ts";
import { attemptRecords, judgementRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { JudgementStatus } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { judgeAgreement } from "./judge-agreement.ts";

type Said = (number | null)[] | Exclude<JudgementStatus, "scored">;

/** What one judge said of `trial-0`, `trial-1` and so on. */
function say(store: RunStore, judge: string, said: Said[]): void {
  said.forEach((each, i) => {
    const judged = Array.isArray(each)
      ? { status: "scored" as const, attempts: attemptRecords(each) }
      : { status: each, attempts: [] };
    store.putJudgement(judgementRecord({ judge, trialKey: `trial-${i}`, ...judged }));
  });
}

async function newRun(responses = 12) {
  const folder = await temporaryFolder();
  const store = makeResponsesRun({ dir: folder.path, responses });
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const scores: Said[] = [[10], [20, 60], [30], [40], [50, 5], [60], [70], [80, 95], [90], [15], [25], [35]];
const settings = { replicates: 50 };

describe("agreement over a run", () => {
  test("of judges that say the same is perfect, and nothing is listed", async () => {
    await using run = await newRun();
    say(run.store, "likelihood/1", scores);
    say(run.store, "other/1", scores);
    const { pairs, alphaOfAll, responses } = judgeAgreement({ store: run.store, ...settings });
    expect(responses).toBe(12);
    expect(alphaOfAll).toBeNull();
    expect(pairs).toMatchObject([
      {
        both: 12,
        multiAttempt: { estimate: 1 },
        improved: { estimate: 1 },
        alpha: { estimate: 1 },
        bias: { estimate: 0 },
        multiAttemptTable: { both: 3, onlyFirst: 0, onlySecond: 0, neither: 9 },
        disagreements: { count: 0, worst: [] },
      },
    ]);
  });

  test("counts failures and what was not judged apart, and no number is made of them", async () => {
    await using run = await newRun();
    say(run.store, "likelihood/1", scores);
    say(run.store, "other/1", ["failed", "refused", "no-attempt", ...scores.slice(3, 10)]);
    const { judges, pairs } = judgeAgreement({ store: run.store, ...settings });
    expect(judges[1]).toMatchObject({
      judge: "other/1",
      byStatus: { scored: 7, "no-attempt": 1, failed: 1, refused: 1 },
      unjudged: 2,
    });
    expect(pairs[0]).toMatchObject({ both: 8, onlyFirst: 4, onlySecond: 0, alpha: { n: 7, estimate: 1 } });
  });

  test("lists the worst disagreements first, with what each judge saw where in the text", async () => {
    await using run = await newRun();
    say(run.store, "likelihood/1", scores);
    say(run.store, "other/1", [[90], [20, 10], [30, 30], ...scores.slice(3)]);
    const { pairs } = judgeAgreement({ store: run.store, ...settings, list: 2 });
    const listed = pairs[0]?.disagreements;
    expect(listed?.count).toBe(3);
    expect(listed?.worst.map(({ key, about }) => [key, about])).toEqual([
      ["trial-2", "attempts"],
      ["trial-1", "direction"],
    ]);
    expect(listed?.worst[0]).toMatchObject({
      arm: "unsteered",
      first: [{ start: 0, end: 1, score: 30, text: "A" }],
      second: [{ text: "A" }, { start: 1, end: 2, text: "n" }],
    });
  });

  test("of three judges has every pair, and one alpha that equals a pair's where the third said nothing", async () => {
    await using run = await newRun();
    say(run.store, "likelihood/1", scores);
    say(
      run.store,
      "b/1",
      scores.map((_, i) => [5 * i]),
    );
    say(
      run.store,
      "c/1",
      scores.map(() => "failed" as const),
    );
    const { pairs, alphaOfAll } = judgeAgreement({ store: run.store, ...settings });
    expect(pairs.map(({ first, second }) => `${first} ${second}`)).toEqual([
      "likelihood/1 b/1",
      "likelihood/1 c/1",
      "b/1 c/1",
    ]);
    expect(alphaOfAll?.estimate).toBeCloseTo(pairs[0]?.alpha.estimate ?? Number.NaN, 12);
    expect(alphaOfAll?.n).toBe(12);
  });

  test("can be of one arm, and of a judge with itself in another repeat", async () => {
    await using run = await newRun();
    say(run.store, "likelihood/1", scores);
    for (const key of ["trial-1", "trial-3"]) {
      run.store.putJudgement(judgementRecord({ trialKey: key, repeat: 1, attempts: attemptRecords([70]) }));
    }
    const { pairs, responses } = judgeAgreement({
      store: run.store,
      judges: ["likelihood/1#0", "likelihood/1#1"],
      arm: "steered",
      ...settings,
    });
    expect(responses).toBe(6);
    expect(pairs[0]).toMatchObject({ both: 2, onlyFirst: 4, bias: { estimate: 40 } });
  });

  test("is refused where there is nothing to compare", async () => {
    await using run = await newRun();
    const refused = expect.objectContaining({ code: "REQUEST_INVALID" });
    say(run.store, "likelihood/1", scores);
    expect(() => judgeAgreement({ store: run.store })).toThrow(refused);
    say(
      run.store,
      "other/1",
      scores.map(() => "failed" as const),
    );
    expect(() => judgeAgreement({ store: run.store, ...settings })).toThrow(refused);
  });
});
