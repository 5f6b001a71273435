/** A stored run with many trials, written in one transaction. */
import type { Manifest } from "../../../src/store/manifest.ts";
import { createRun } from "../../../src/store/open-store.ts";
import { textOf } from "../../support/responses-run.ts";
import { judgementRecord, manifestRecord, trialRecord } from "../../support/run-records.ts";

export interface MadeRunOptions {
  dir: string;
  /** Numbers of its trials. */
  trials: readonly number[];
  judged: boolean;
  manifest?: Partial<Manifest>;
}

export function makeStoredRun({ dir, trials, judged, manifest = {} }: MadeRunOptions): void {
  using store = createRun({ dir, manifest: manifestRecord(manifest) });
  store.transaction(() => {
    store.putArms([{ name: "steered", content: {} }]);
    store.putLatents([{ latent: 7, label: "bees" }]);
    for (const i of trials) {
      const text = textOf(i);
      const key = `trial-${i}`;
      store.putTrial(trialRecord({ key, text, offsets: Int32Array.of(0, 4, text.length - 2) }));
      if (judged) store.putJudgement(judgementRecord({ trialKey: key, attempts: [ATTEMPT] }));
    }
    store.putEvent({ kind: "finished", detail: { trials: trials.length } });
  });
}

const ATTEMPT = { start: 0, end: 8, restartPhrase: null, score: 10, components: { topic: 0.1 } };

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
