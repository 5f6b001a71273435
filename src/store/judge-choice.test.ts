import { describe, expect, test } from "vitest";
import { makeResponsesRun } from "../../test/support/responses-run.ts";
import { judgementRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { chooseJudges, judgementsOf } from "./judge-choice.ts";

const HAIKU = "llm claude-haiku-4-5-20251001 told/1";
const BLIND = "llm claude-haiku-4-5-20251001 blind/1";

async function judgedRun() {
  const folder = await temporaryFolder();
  const store = makeResponsesRun({ dir: folder.path, responses: 2 });
  const put = (judge: string, trialKey: string, repeat: number, score: number) =>
    store.putJudgement(
      judgementRecord({
        judge,
        trialKey,
        repeat,
        attempts: [{ start: 0, end: 3, restartPhrase: null, score, components: {} }],
      }),
    );
  put(HAIKU, "trial-0", 1, 11);
  put(HAIKU, "trial-0", 0, 10);
  put(HAIKU, "trial-1", 0, 20);
  put("likelihood/1", "trial-0", 0, 30);
  put(BLIND, "trial-1", 0, 40);
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe("judges", () => {
  test("are all that have judged, the run's own first", async () => {
    await using run = await judgedRun();
    const names = chooseJudges({ store: run.store }).map(({ name }) => name);
    expect(names).toEqual(["likelihood/1", HAIKU, BLIND]);
  });

  test("are called by a part of their name that no other has, and by the number of a repeat", async () => {
    await using run = await judgedRun();
    const choose = (...names: string[]) => chooseJudges({ store: run.store, names });
    expect(choose("like", "told", "told#1")).toEqual([
      { name: "likelihood/1", judge: "likelihood/1", repeat: null },
      { name: HAIKU, judge: HAIKU, repeat: null },
      { name: `${HAIKU}#1`, judge: HAIKU, repeat: 1 },
    ]);
    for (const names of [["haiku"], ["ada"], ["told", HAIKU]]) {
      expect(() => choose(...names)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
    }
  });

  test("said last what has the highest repeat number, whenever it was written", async () => {
    await using run = await judgedRun();
    const scores = (repeat: number | null) =>
      Array.from(
        judgementsOf({ store: run.store, choice: { judge: HAIKU, repeat } }),
        ([key, { attempts }]) => [key, attempts[0]?.score],
      );
    expect(scores(null)).toEqual(
      expect.arrayContaining([
        ["trial-0", 11],
        ["trial-1", 20],
      ]),
    );
    expect(scores(0)).toEqual(expect.arrayContaining([["trial-0", 10]]));
    expect(scores(1)).toEqual([["trial-0", 11]]);
  });
});
