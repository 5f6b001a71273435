import { expect, it } from "vitest";
import { FAILED, judgementRecord, manifestRecord, trialRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { exportInspect } from "./inspect-log.ts";
import { createRun } from "./open-store.ts";

it("a log of Inspect holds an arm's trials as samples, and no score where the judge gave none", async () => {
  await using folder = await temporaryFolder();
  using store = createRun({ dir: folder.path, manifest: manifestRecord() });
  store.putTrial(trialRecord({ key: "a", unit: "u1", finish: "length" }));
  store.putJudgement(judgementRecord({ trialKey: "a" }));
  store.putTrial(trialRecord({ key: "b", unit: "u2" }));
  store.putJudgement(judgementRecord({ trialKey: "b", status: "refused", attempts: [] }));
  store.putTrial(trialRecord({ ...FAILED, key: "c", unit: "u3" }));
  store.putTrial(trialRecord({ key: "d", unit: "u1", arm: "ablated" }));
  try {
    [...exportInspect({ store })];
    expect.unreachable();
  } catch (error) {
    expect(isCode(error, "REQUEST_INVALID")).toBe(true);
  }
  const log: unknown = JSON.parse([...exportInspect({ store, arm: "steered" })].join(""));
  expect(log).toMatchObject({
    version: 2,
    status: "started",
    eval: { task: "countersteer/esr", task_args: { arm: "steered" }, dataset: { samples: 3 } },
    results: {
      total_samples: 3,
      completed_samples: 2,
      scores: [
        {
          scored_samples: 1,
          unscored_samples: 2,
          metrics: { esr: { value: 1 }, multi_attempt: { value: 1 }, first_score: { value: 10 } },
        },
      ],
    },
    samples: [
      {
        id: "u1",
        uuid: "a",
        output: { choices: [{ stop_reason: "max_tokens" }] },
        scores: { countersteer: { value: { first_score: 10, last_score: 90.5, attempts: 2, esr: 1 } } },
        error: null,
      },
      { id: "u2", scores: {}, metadata: { judgement: "refused" } },
      {
        id: "u3",
        scores: {},
        output: { choices: [] },
        error: { message: expect.stringContaining("EDIT_NOT_APPLIED") },
      },
    ],
  });
});
