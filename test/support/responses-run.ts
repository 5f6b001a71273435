/** A stored run with many different responses, as a judge is given them. */

import type { Manifest } from "../../src/store/manifest.ts";
import { createRun } from "../../src/store/open-store.ts";
import type { RunStore } from "../../src/store/run-store.ts";
import { FAILED, manifestRecord, trialRecord } from "./run-records.ts";

export interface ResponsesRunOptions {
  dir: string;
  /** Trials with a response; one more has failed. */
  responses: number;
  manifest?: Partial<Manifest>;
}

/** Keys are `trial-0` and so on; the arms `unsteered` and `steered` take turns, and four latents. The text of each third one starts over. */
export function makeResponsesRun({ dir, responses, manifest = {} }: ResponsesRunOptions): RunStore {
  const store = createRun({ dir, manifest: manifestRecord(manifest) });
  store.putArms([
    { name: "unsteered", content: {} },
    { name: "steered", content: { kind: "add" } },
  ]);
  store.putLatents([0, 1, 2, 3].map((latent) => ({ latent, label: `subject ${latent}` })));
  for (let i = 0; i < responses; i++) {
    const text = textOf(i);
    store.putTrial(
      trialRecord({
        key: `trial-${i}`,
        unit: `unit ${i}`,
        arm: i % 2 === 0 ? "unsteered" : "steered",
        latent: Math.floor(i / 2) % 4,
        text,
        offsets: Int32Array.of(0, 4, text.length - 2),
      }),
    );
  }
  store.putTrial(trialRecord({ key: "failed", unit: "failed", latent: 0, ...FAILED }));
  return store;
}

export function textOf(i: number): string {
  return `Answer ${i} speaks of bread.${i % 3 === 0 ? ` ${RESTART} Mix flour and water, number ${i}.` : ""}`;
}

export const RESTART = "Wait, let me start over.";
