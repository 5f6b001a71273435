import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRun } from "../../test/support/made-run.ts";
import { JUDGE } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { judgeSpent, judgeSpentText } from "./judge-spent.ts";

const once = {
  calls: 10,
  cachedCalls: 2,
  inputTokens: 5000,
  outputTokens: 700,
  costUsd: 0.125,
  unpricedCalls: 0,
};

test("what a judge took is summed over the sessions of a run, each judge for itself", async () => {
  await using folder = await temporaryFolder();
  using store = makeRun({ dir: join(folder.path, "run"), outcomes: [] });
  expect(judgeSpent({ store, judge: JUDGE })).toBeNull();
  store.putEvent({ kind: "judge-spent", detail: once });
  store.putEvent({ kind: "judge-spent", detail: { ...once, costUsd: 0.5 } });
  store.putEvent({ kind: "judge-spent", detail: { ...once, judge: "llm other/1", unpricedCalls: 3 } });
  expect(judgeSpent({ store, judge: JUDGE })).toMatchObject({ calls: 20, cachedCalls: 4, costUsd: 0.625 });
  const other = judgeSpent({ store, judge: "llm other/1" });
  expect(other && judgeSpentText(other)).toContain("$0.13, and 3 calls without a known price");
});
