import { afterEach, beforeEach, expect, test } from "vitest";
import { makeResponsesRun, RESTART, textOf } from "../../test/support/responses-run.ts";
import { manifestRecord } from "../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Judge } from "../judge/judge.ts";
import { splitRestarts } from "../judge/restart-splitter.ts";
import { judgementsOf } from "../store/judge-choice.ts";
import type { RunStore } from "../store/run-store.ts";
import { judgeStored } from "./judge-stored.ts";

const RESPONSES = 9;
let folder: TemporaryFolder;
let store: RunStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = makeResponsesRun({ dir: folder.path, responses: RESPONSES });
});
afterEach(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

/** Scores attempts by their length. */
const byLength: Judge = {
  name: "by-length",
  version: "1",
  describe: () => ({}),
  async *judge(items) {
    for (const { id, response } of items) {
      const attempts = splitRestarts(response).attempts.map(({ start, end, restartPhrase }) => ({
        start,
        end,
        restartPhrase,
        score: Math.min(100, end - start),
        components: {},
      }));
      yield { id, judgement: { judge: "by-length/1", status: "scored", attempts, detail: {} } };
    }
  },
};

/** Judges like another, and is cut off after so many. */
function cutOff(judge: Judge, after: number): Judge {
  return {
    ...judge,
    async *judge(items, options) {
      let done = 0;
      for await (const judged of judge.judge(items, options)) {
        if (done++ === after) throw new Error("cut off");
        yield judged;
      }
    },
  };
}

test("every response is judged once, under the judge's own name; what failed has no response", async () => {
  expect(await judgeStored({ store, judge: byLength })).toEqual({
    judge: "by-length/1",
    judged: RESPONSES,
  });
  expect(await judgeStored({ store, judge: byLength })).toEqual({ judge: "by-length/1", judged: 0 });
  const stored = judgementsOf({ store, choice: { judge: "by-length/1", repeat: 0 } });
  expect(stored.size).toBe(RESPONSES);
  const [first, second] = stored.get("trial-0")?.attempts ?? [];
  expect(second).toMatchObject({ start: textOf(0).indexOf(RESTART), end: textOf(0).length });
  expect(first?.restartPhrase).toBeNull();
});

test("a judging that was cut off goes on with what is left", async () => {
  await expect(judgeStored({ store, judge: cutOff(byLength, 4) })).rejects.toThrow("cut off");
  expect(await judgeStored({ store, judge: byLength })).toMatchObject({ judged: RESPONSES - 4 });
});

test("one arm alone, and a repeat apart from the first judging", async () => {
  expect(await judgeStored({ store, judge: byLength, arm: "steered" })).toMatchObject({ judged: 4 });
  expect(await judgeStored({ store, judge: byLength })).toMatchObject({ judged: RESPONSES - 4 });
  expect(await judgeStored({ store, judge: byLength, repeat: 1 })).toMatchObject({ judged: RESPONSES });
  await expect(judgeStored({ store, judge: byLength, arm: "other" })).rejects.toMatchObject({
    code: "REQUEST_INVALID",
  });
});

test("the name of the run's own judge is refused, and nothing is stored", async () => {
  const { id } = manifestRecord().judge;
  const [name = "", version = ""] = id.split("/");
  const judge = { ...byLength, name, version };
  await expect(judgeStored({ store, judge })).rejects.toMatchObject({ code: "RUNS_UNEQUAL" });
  expect(judgementsOf({ store, choice: { judge: id, repeat: 0 } }).size).toBe(0);
});

test("an attempt that a judge invents is not stored", async () => {
  const inventor: Judge = {
    ...byLength,
    name: "inventor",
    async *judge(items) {
      for (const { id, response } of items) {
        const attempts = [
          { start: 0, end: response.length + 5, restartPhrase: null, score: 90, components: {} },
        ];
        yield { id, judgement: { judge: "inventor/1", status: "scored", attempts, detail: {} } };
      }
    },
  };
  await judgeStored({ store, judge: inventor });
  for (const { status, attempts } of judgementsOf({
    store,
    choice: { judge: "inventor/1", repeat: 0 },
  }).values()) {
    expect([status, attempts]).toEqual(["unparsable", []]);
  }
});
