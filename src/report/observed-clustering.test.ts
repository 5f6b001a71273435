import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRun } from "../../test/support/made-run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { observedClustering } from "./observed-clustering.ts";

const single = { status: "scored" as const, scores: [20] };
const double = { status: "scored" as const, scores: [20, 60] };

test("trials of a latent that all end alike are correlated by 1; failures of the judge don't count", async () => {
  await using folder = await temporaryFolder();
  // trial i belongs to latent i % 4: latents 0 and 2 restart always, 1 and 3 never
  const outcomes = Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? double : single));
  const store = makeRun({ dir: join(folder.path, "run"), outcomes: [...outcomes, "errored", "unjudged"] });
  const [arm] = observedClustering({ store, outcome: "multi-attempt" }).icc;
  store.close();
  expect(arm?.icc).toBeCloseTo(1, 12);
  expect(arm).toMatchObject({ trials: 16, successes: 8 });
});

test("a run without a success can't tell", async () => {
  await using folder = await temporaryFolder();
  const store = makeRun({ dir: join(folder.path, "run"), outcomes: Array.from({ length: 8 }, () => single) });
  const [arm] = observedClustering({ store, outcome: "esr" }).icc;
  store.close();
  expect(arm).toMatchObject({ icc: null, successes: 0 });
});
