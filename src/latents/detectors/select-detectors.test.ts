import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { madeReadings } from "../../../test/support/made-readings.ts";
import { createRng } from "../../stats/rng.ts";
import { RULE_SETTINGS } from "./rules.ts";
import { selectDetectors } from "./select-detectors.ts";

const settings = RULE_SETTINGS.ours;
const PLANTED = new Map([3, 17, 42, 80].map((latent) => [latent, 6]));

function made(seed: number, planted: ReadonlyMap<number, number> = new Map(), latents = 120) {
  const rng = createRng({ seed });
  const options = { rng, latents, units: 16, derangements: 6, planted };
  return { selection: madeReadings(options), confirmation: madeReadings(options) };
}

describe("our rule", () => {
  test("finds planted detectors, best first, and other prompts confirm them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (seed) => {
        const { detectors, tested } = selectDetectors({ rule: "ours", settings, ...made(seed, PLANTED) });
        expect(tested).toBe(120);
        const first = detectors.slice(0, PLANTED.size);
        expect(new Set(first.map(({ latent }) => latent))).toEqual(new Set(PLANTED.keys()));
        for (const { sign, weight, stability, confirmation } of first) {
          expect(sign).toBe(1);
          expect(weight).toBeGreaterThan(3);
          expect(stability).toBeGreaterThan(0.5);
          expect(confirmation?.confirmed).toBe(true);
        }
        const aucs = detectors.map(({ selection }) => selection.auc);
        expect(aucs).toEqual(aucs.toSorted((a, b) => b - a));
      }),
      { numRuns: 15 },
    );
  });

  test("where nothing is planted, rarely finds anything", () => {
    const rounds = 100;
    let withFinds = 0;
    for (let round = 0; round < rounds; round++) {
      const { selection } = made(1000 + round, new Map(), 60);
      const { eligible } = selectDetectors({
        rule: "ours",
        settings: { ...settings, direction: "both" },
        selection,
        confirmation: null,
      });
      withFinds += Number(eligible > 0);
    }
    // without anything to find, a false discovery rate is the chance of any find; five hundredths, and what chance adds in 100 rounds
    expect(withFinds / rounds).toBeLessThan(0.12);
  });

  test("keeps the share of false finds among all finds", () => {
    const planted = new Map(Array.from({ length: 20 }, (_, i) => [i * 5, 3]));
    const rounds = 40;
    let shares = 0;
    for (let round = 0; round < rounds; round++) {
      const { detectors } = selectDetectors({
        rule: "ours",
        settings: { ...settings, top: null, direction: "both" },
        selection: made(2000 + round, planted, 100).selection,
        confirmation: null,
      });
      expect(detectors.length).toBeGreaterThan(5);
      shares += detectors.filter(({ latent }) => !planted.has(latent)).length / detectors.length;
    }
    expect(shares / rounds).toBeLessThan(0.08);
  });

  test("does not confirm what was true of the selecting prompts only", () => {
    const { selection } = made(5, PLANTED);
    const { confirmation } = made(6);
    const { detectors } = selectDetectors({ rule: "ours", settings, selection, confirmation });
    expect(detectors.length).toBeGreaterThanOrEqual(PLANTED.size);
    for (const { latent, confirmation: found } of detectors) {
      if (PLANTED.has(latent)) expect(found?.confirmed).toBe(false);
    }
  });

  test("takes a latent that fires more on topic only where both sides are asked for, with its sign", () => {
    const { selection } = made(9, new Map([[7, 6]]));
    const swapped = { ...selection, on: selection.on.map((value, at) => value + (at % 120 === 11 ? 9 : 0)) };
    const select = (direction: "off-topic" | "both") =>
      selectDetectors({
        rule: "ours",
        settings: { ...settings, direction },
        selection: swapped,
        confirmation: null,
      }).detectors.map(({ latent, sign }) => [latent, sign]);
    expect(select("off-topic")).toContainEqual([7, 1]);
    expect(select("off-topic").map(([latent]) => latent)).not.toContain(11);
    expect(select("both")).toContainEqual([11, -1]);
  });

  test("tests no latent that fires in too few readings", () => {
    const { selection } = made(4, new Map([[2, 6]]));
    const rare = {
      ...selection,
      on: selection.on.map((value, at) => (at % 120 === 8 ? 0 : value)),
      off: selection.off.map((value, at) => (at % 120 === 8 && at >= 4 * 120 ? 0 : value)),
    };
    const { tested } = selectDetectors({ rule: "ours", settings, selection: rare, confirmation: null });
    expect(tested).toBe(119);
  });
});

describe("the published rules", () => {
  /** Latents: 0 silent on topic and active in 4 of 5 off; 1 the same in 3 of 5; 2 above every on-topic value but active on topic; 3 in between. */
  const on = Float32Array.from([0, 0, 1, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2]);
  const off = Float32Array.from([3, 3, 2, 1, 3, 3, 2, 3, 3, 3, 2, 3, 3, 0, 2, 3, 0, 0, 2, 3]);
  const readings = { latents: 4, units: 5, derangements: 1, on, off };
  const find = (rule: "paper" | "shipped") =>
    selectDetectors({
      rule,
      settings: RULE_SETTINGS[rule],
      selection: readings,
      confirmation: null,
    }).detectors.map(({ latent }) => latent);

  test("the paper's takes what is silent on topic and active in four fifths of the off-topic readings", () => {
    expect(find("paper")).toEqual([0]);
  });

  test("the shipped file's takes what separates perfectly, however active on topic", () => {
    expect(find("shipped")).toEqual([2]);
  });
});
