import { expect, test } from "vitest";
import { eachEmptyRun } from "../../test/support/empty-run.ts";
import { judgementRecord, trialRecord } from "../../test/support/run-records.ts";
import { ANALYSIS_EVENT } from "../store/analysis.ts";
import { DIVERGENCE_EVENT } from "../store/divergence.ts";
import type { ArmRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { type Curve, curvesOf, curveText } from "./curves.ts";
import { summarise } from "./summarise.ts";

let store: RunStore;
eachEmptyRun((empty) => {
  store = empty;
});

const PLAIN = { steer: "sae-latent", positions: "all" };

/** Two latents, of which 7 is steered at 10 and 8 at 20; each arm is a point of one curve. */
function run(arms: Record<string, ArmRecord["content"]>): void {
  const names = Object.keys(arms);
  store.putArms(Object.entries(arms).map(([name, content]) => ({ name, content })));
  const points = names.map((arm, x) => ({ arm, x }));
  const curves = [{ axis: "times the threshold", points }];
  store.putEvent({ kind: ANALYSIS_EVENT, detail: [{ design: "dose", comparisons: [], curves }] });
  for (const arm of names) {
    for (const [latent, strength] of [
      [7, 10],
      [8, 20],
    ] as const) {
      const key = `${arm}-${latent}`;
      store.putTrial(trialRecord({ key, arm, latent, strength }));
      store.putJudgement(judgementRecord({ trialKey: key }));
    }
  }
}

function measured(latent: number, strengths: Record<number, number>): void {
  const points = Object.entries(strengths).map(([strength, kl]) => ({
    strength: Number(strength),
    kl,
    reverse: kl,
    dose: 0.5,
  }));
  store.putEvent({
    kind: DIVERGENCE_EVENT,
    detail: { latent, tokens: 100, points, levels: [], tolerance: 0.02 },
  });
}

function curve(): Curve {
  const [found] = curvesOf({ store, arms: summarise({ store, replicates: 10 }).arms });
  if (found === undefined) throw new Error("no curve");
  return found;
}

test("points have the mean dose of their receipts, and no divergence where none was measured", () => {
  run({ steered: PLAIN });
  expect(curve().points).toMatchObject([{ x: 0, dose: 0.5, kl: null }]);
  expect(curveText({ curve: curve(), color: false })).not.toContain("KL");
});

test("the divergence of an arm is the mean over its trials of that of their latents and strengths", () => {
  run({ steered: PLAIN, unsteered: { steer: null }, ablated: { ...PLAIN, ablate: { latents: [1] } } });
  measured(7, { 5: 9, 10: 0.25 });
  measured(8, { 20: 0.75 });
  expect(curve().points.map(({ kl }) => kl)).toEqual([0.5, null, null]);
  const text = curveText({ curve: curve(), color: false });
  expect(text).toContain("KL: nats a token");
  expect(text).toMatch(/^0 +steered +2 +0\.50 +0\.50 /m);
});

test("the first measurement of a latent holds, and an arm of which one strength was not measured has no mean", () => {
  run({ steered: PLAIN });
  measured(7, { 10: 0.25 });
  measured(7, { 10: 3 });
  measured(8, { 19: 0.75 });
  expect(curve().points[0]?.kl).toBeNull();
  measured(9, { 20: 1 });
  expect(curve().points[0]?.kl).toBeNull();
});
