import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  attemptRecords,
  FAILED,
  judgementRecord,
  manifestRecord,
  trialRecord,
} from "../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { createRun } from "../store/open-store.ts";
import type { RunStore } from "../store/run-store.ts";
import { compareArms } from "./compare.ts";
import { comparisonText } from "./compare-text.ts";

let folder: TemporaryFolder;
let store: RunStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = createRun({ dir: folder.path, manifest: manifestRecord() });
});

afterEach(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

const SUCCESS = [10, 90];
const SINGLE = [10];

interface PutOptions {
  arm: string;
  unit: number;
  /** null stores the trial without a judgement. */
  scores: number[] | null;
  latent?: number | null;
  into?: RunStore;
}

function put({ arm, unit, scores, latent = unit % 5, into = store }: PutOptions): void {
  const key = `${arm}-${unit}`;
  into.putTrial(trialRecord({ key, arm, unit: `unit ${unit}`, latent }));
  if (scores !== null) {
    into.putJudgement(judgementRecord({ trialKey: key, attempts: attemptRecords(scores) }));
  }
}

/** Outcome pairs in the given numbers, spread over five latents. */
function putPairs({ both = 0, onlyFirst = 0, onlySecond = 0, neither = 0 }): void {
  const pairs = [
    ...Array.from({ length: both }, () => [SUCCESS, SUCCESS] as const),
    ...Array.from({ length: onlyFirst }, () => [SUCCESS, SINGLE] as const),
    ...Array.from({ length: onlySecond }, () => [SINGLE, SUCCESS] as const),
    ...Array.from({ length: neither }, () => [SINGLE, SINGLE] as const),
  ];
  store.transaction(() => {
    for (const [unit, [first, second]] of pairs.entries()) {
      put({ arm: "steered", unit, scores: first });
      put({ arm: "ablated", unit, scores: second });
    }
  });
}

const arms = () => ({ reference: { store, arm: "steered" }, treatment: { store, arm: "ablated" } });

describe("two arms of a run", () => {
  it("are paired by unit and tested as pairs", () => {
    putPairs({ both: 3, onlyFirst: 11, onlySecond: 2, neither: 84 });
    const comparison = compareArms(arms());
    expect(comparison).toMatchObject({
      pairs: 100,
      unscored: 0,
      unpaired: { reference: 0, treatment: 0 },
      table: { both: 3, onlyFirst: 11, onlySecond: 2, neither: 84 },
      rates: { referenceRate: 0.14, treatmentRate: 0.05 },
    });
    // two-sided binomial of 2 in 13 at one half: 2 (1 + 13 + 78) / 2^13
    expect(comparison.mcnemar.p).toBeCloseTo((2 * 92) / 2 ** 13, 12);
    expect(comparison.rates.difference.estimate).toBeCloseTo(-0.09, 12);
    expect(comparison.verdict.verdict).toBe("lower");
    // five latents allow 2^5 sign patterns, so no p below 2/32
    expect(comparison.permutation.p).toBe(0.0625);
    expect(comparison.sentence).toContain("the test by latent does not confirm it (p = 0.063, 5 latents)");
  });

  it("that can't be told apart are said to be, with the number of trials that would tell", () => {
    putPairs({ onlyFirst: 2, onlySecond: 1, neither: 37 });
    const { verdict, sentence } = compareArms(arms());
    expect(verdict.verdict).toBe("cannot-tell");
    expect(verdict.needed).toBeGreaterThan(40);
    expect(sentence).toBe(
      `ablated against steered, esr rate: cannot tell at this n (40 an arm); needs about ${verdict.needed} an arm`,
    );
  });

  it("without a score in one of them leave the pair out, and count it", () => {
    putPairs({ both: 2, neither: 3 });
    put({ arm: "steered", unit: 100, scores: SUCCESS });
    put({ arm: "ablated", unit: 100, scores: null });
    put({ arm: "steered", unit: 101, scores: SUCCESS });
    put({ arm: "steered", unit: 102, scores: SUCCESS });
    put({ arm: "ablated", unit: 103, scores: SINGLE });
    store.putTrial(trialRecord({ ...FAILED, key: "failed", arm: "ablated", unit: "unit 102" }));
    expect(compareArms(arms())).toMatchObject({
      pairs: 5,
      unscored: 2,
      unpaired: { reference: 1, treatment: 1 },
      rates: { referenceRate: 0.4, treatmentRate: 0.4 },
    });
  });

  it("keep each pair in one cluster where one arm has no latent", () => {
    for (let unit = 0; unit < 20; unit++) {
      put({ arm: "steered", unit, scores: unit % 4 ? SINGLE : SUCCESS });
      put({ arm: "ablated", unit, scores: SINGLE, latent: null });
    }
    expect(compareArms(arms()).rates).toMatchObject({ clusters: 5, sharedClusters: 5 });
    const turned = compareArms({ reference: arms().treatment, treatment: arms().reference });
    expect(turned.rates).toMatchObject({ clusters: 5, sharedClusters: 5 });
  });

  it("can be compared by multi-attempt rate and with a margin", () => {
    put({ arm: "steered", unit: 1, scores: [50, 40] });
    put({ arm: "ablated", unit: 1, scores: [50, 55] });
    expect(compareArms({ ...arms(), outcome: "multi-attempt" }).table.both).toBe(1);
    expect(compareArms(arms()).table.onlySecond).toBe(1);
    expect(compareArms({ ...arms(), margin: 5 }).table.neither).toBe(1);
  });

  describe("that share no unit", () => {
    /** Twelve units an arm, in six latents; `from` keeps those of the arms apart. */
    function putArm(arm: string, from: number, successes: number): void {
      for (let i = 0; i < 12; i++) {
        put({ arm, unit: from + i, scores: i < successes ? SUCCESS : SINGLE, latent: i % 6 });
      }
    }

    it("are compared unpaired, by latent, and said to be", () => {
      putArm("steered", 0, 10);
      putArm("ablated", 100, 1);
      put({ arm: "ablated", unit: 200, scores: null });
      const comparison = compareArms(arms());
      expect(comparison).toMatchObject({
        pairing: "unpaired",
        pairs: 0,
        scored: { reference: 12, treatment: 12 },
        unpaired: { reference: 12, treatment: 13 },
        table: { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 },
        rates: { referenceRate: 10 / 12, treatmentRate: 1 / 12, sharedClusters: 6 },
        verdict: { verdict: "lower" },
      });
      const { estimate, method, upper } = comparison.rates.difference;
      expect(estimate).toBeCloseTo(-0.75, 12);
      expect(method).toBe("cluster-t");
      expect(upper).toBeLessThan(0);
      expect(comparison.p).toBeLessThan(0.01);
      const text = comparisonText({ comparison, color: false });
      expect(text).toContain("ablated against steered, esr rate, unpaired: lower");
      expect(text).toMatch(/^steered +10\/12 +83\.3 %$/m);
      expect(text).toContain("Unpaired: the arms share no unit.");
      expect(text).toContain("Left out, without a score: 0 of steered, 1 of ablated.");
      expect(text).not.toContain("McNemar");
    });

    it("can't be told apart where they don't differ, and are paired once they share a unit", () => {
      putArm("steered", 0, 6);
      putArm("ablated", 100, 6);
      expect(compareArms(arms())).toMatchObject({
        pairing: "unpaired",
        verdict: { verdict: "cannot-tell" },
        p: 1,
      });
      put({ arm: "ablated", unit: 3, scores: SINGLE, latent: 3 });
      expect(compareArms(arms())).toMatchObject({ pairing: "paired", pairs: 1, scored: { reference: 1 } });
    });
  });

  it("must be there", () => {
    put({ arm: "steered", unit: 1, scores: SINGLE });
    try {
      compareArms(arms());
      expect.fail("compared");
    } catch (error) {
      expect(isCode(error, "REQUEST_INVALID")).toBe(true);
    }
  });
});

describe("two runs", () => {
  it("that differ are refused, or compared with the difference printed", async () => {
    await using other = await temporaryFolder();
    using second = createRun({ dir: other.path, manifest: manifestRecord({ layer: 20 }) });
    put({ arm: "steered", unit: 1, scores: SUCCESS });
    put({ arm: "steered", unit: 1, scores: SINGLE, into: second });
    const both = { reference: { store, arm: "steered" }, treatment: { store: second, arm: "steered" } };
    try {
      compareArms(both);
      expect.fail("compared");
    } catch (error) {
      expect(isCode(error, "RUNS_UNEQUAL")).toBe(true);
    }
    const comparison = compareArms({ ...both, allow: ["layer"] });
    expect(comparison.table.onlyFirst).toBe(1);
    expect(comparisonText({ comparison, color: false })).toContain(
      `The runs differ in layer (15 in ${folder.path}, 20 in ${other.path}); this was allowed.`,
    );
  });
});

it("as text, a comparison says everything that it counted", () => {
  putPairs({ both: 3, onlyFirst: 11, onlySecond: 2, neither: 84 });
  put({ arm: "steered", unit: 500, scores: SUCCESS });
  expect(comparisonText({ comparison: compareArms(arms()), color: false })).toMatchInlineSnapshot(`
    "ablated against steered, esr rate: lower, but the test by latent does not confirm it (p = 0.063, 5 latents)
                  n     esr
    steered  14/100  14.0 %
    ablated   5/100   5.0 %
    Difference -9.0 points, 95 % by latent [-14.2, -3.8] points.
    Of 100 pairs: both 3, only steered 11, only ablated 2, neither 84.
    McNemar (exact) p = 0.0225; permutation by latent p = 0.0625.
    Left out: 0 units without a score in an arm, 1 only in steered, 0 only in ablated.
    Success: last score > first score + 0."
  `);
});
