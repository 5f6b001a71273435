/** A process that goes on with a run: trial and judgement in one transaction, then the key on stdout; until it is killed. */
import { writeSync } from "node:fs";
import { openRun } from "../../src/store/open-store.ts";
import { judgementRecord, trialRecord } from "./run-records.ts";

const [dir = ""] = process.argv.slice(2);
const store = openRun({ dir, mode: "write" });
const stored = store.trialKeys();
// the last stored trial is written again, as a resumed run might: it must not be doubled, and is not news
for (let i = Math.max(0, stored.size - 1); ; i++) {
  const key = `trial-${i}`;
  store.transaction(() => {
    store.putTrial(trialRecord({ key, seed: i }));
    store.putJudgement(judgementRecord({ trialKey: key }));
  });
  if (!stored.has(key)) {
    // synchronous, so that a key is out before the next trial is begun
    writeSync(1, `${key}\n`);
  }
}
