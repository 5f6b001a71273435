import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CountersteerError } from "../errors.ts";
import type { Label } from "../sae/labels.ts";
import { parseLexicon } from "./lexicon.ts";
import { DROP_REASONS, type SelectLatentsOptions, selectLatents } from "./select-latents.ts";

const lexicon = parseLexicon({ text: "lemma\tphysical\tnoun\tuses\ncastle\t88\t89\t9\n" });

interface Plan {
  frequency: number;
  concreteness: number;
  fires: boolean;
}

const plan = fc.record<Plan>({
  frequency: fc.constantFrom(0, 0.001, 0.01, 0.2),
  concreteness: fc.constantFrom(10, 64.9, 65, 90),
  fires: fc.boolean(),
});
const plans = fc.array(plan, { minLength: 1, maxLength: 40 });
const seeds = fc.nat();

function optionsOf({ plans, seed }: { plans: Plan[]; seed: number }): SelectLatentsOptions {
  const labels = plans.map(
    ({ frequency, concreteness }, index): Label => ({
      index,
      label: `latent ${index}`,
      frequency,
      maxActivation: 1,
      meanActivation: 1,
      topTokens: [],
      topTopics: [],
      concreteness,
    }),
  );
  const values = Float32Array.from(plans, ({ fires }) => (fires ? 0.5 : 0));
  return { labels, maxima: { values, latents: plans.length }, lexicon, count: 0, seed };
}

function indices(options: SelectLatentsOptions): number[] {
  return selectLatents(options).chosen.map(({ index }) => index);
}

describe("selectLatents", () => {
  test("chooses only latents that pass every rule, each once", () => {
    fc.assert(
      fc.property(plans, seeds, (plans, seed) => {
        const options = { ...optionsOf({ plans, seed }), minFrequency: 0.005, maxFrequency: 0.1 };
        const { eligible } = selectLatents(options);
        const chosen = indices({ ...options, count: eligible });
        expect(new Set(chosen).size).toBe(eligible);
        const good = plans.flatMap(({ frequency, concreteness, fires }, index) =>
          frequency === 0.01 && concreteness >= 65 && !fires ? [index] : [],
        );
        expect(chosen.toSorted((a, b) => a - b)).toEqual(good);
      }),
    );
  });

  test("every candidate is eligible or dropped for one reason", () => {
    fc.assert(
      fc.property(plans, seeds, (plans, seed) => {
        const { candidates, eligible, dropped } = selectLatents({
          ...optionsOf({ plans, seed }),
          exclude: new Set([0]),
        });
        const sum = DROP_REASONS.reduce((total, reason) => total + dropped[reason], eligible);
        expect(sum).toBe(candidates);
        expect(candidates).toBe(plans.length);
      }),
    );
  });

  test("a seed fixes the choice, whatever the order of the labels", () => {
    fc.assert(
      fc.property(plans, seeds, (plans, seed) => {
        const options = optionsOf({ plans, seed });
        const { eligible } = selectLatents(options);
        const again = { ...options, labels: options.labels.toReversed(), count: eligible };
        expect(indices(again)).toEqual(indices({ ...options, count: eligible }));
      }),
    );
  });

  test("a smaller count is a prefix, and a stricter rule keeps the order of the rest", () => {
    fc.assert(
      fc.property(plans, seeds, fc.nat(), (plans, seed, pick) => {
        const options = optionsOf({ plans, seed });
        const { eligible } = selectLatents(options);
        const all = indices({ ...options, count: eligible });
        const count = pick % (eligible + 1);
        expect(indices({ ...options, count })).toEqual(all.slice(0, count));
        const exclude = new Set(all.slice(0, 1));
        const rest = Math.max(eligible - 1, 0);
        expect(indices({ ...options, exclude, count: rest })).toEqual(all.slice(1));
      }),
    );
  });

  test("seeds differ in what they choose", () => {
    const plans = new Array<Plan>(200).fill({ frequency: 0.01, concreteness: 90, fires: false });
    const choices = [0, 1, 2, 3].map((seed) => indices({ ...optionsOf({ plans, seed }), count: 20 }).join());
    expect(new Set(choices).size).toBe(4);
  });

  test("the first reason counts: excluded before dead before rare", () => {
    const dead: Plan = { frequency: 0, concreteness: 10, fires: true };
    const rare: Plan = { frequency: 0.001, concreteness: 10, fires: true };
    const { dropped } = selectLatents({
      ...optionsOf({ plans: [dead, dead, rare], seed: 1 }),
      exclude: new Set([0]),
      minFrequency: 0.005,
    });
    expect(dropped).toMatchObject({ excluded: 1, dead: 1, "too-rare": 1, "not-concrete": 0 });
  });

  test("too few is LATENTS_EXHAUSTED with the count of each reason, never a short list", () => {
    const good: Plan = { frequency: 0.01, concreteness: 90, fires: false };
    const plans = [good, { ...good, fires: true }, { ...good, concreteness: 5 }];
    const options = { ...optionsOf({ plans, seed: 1 }), count: 2 };
    expect(() => selectLatents(options)).toThrow(CountersteerError);
    expect(() => selectLatents(options)).toThrow(
      expect.objectContaining({
        code: "LATENTS_EXHAUSTED",
        facts: expect.objectContaining({
          count: 2,
          eligible: 1,
          dropped: expect.objectContaining({ "not-concrete": 1, "fires-on-prompt": 1 }),
        }),
      }),
    );
  });

  test("a latent beyond the captured ones is not taken for silent", () => {
    const good: Plan = { frequency: 0.01, concreteness: 90, fires: false };
    const options = optionsOf({ plans: [good, good], seed: 1 });
    const { eligible } = selectLatents({ ...options, maxima: { values: new Float32Array(1), latents: 1 } });
    expect(eligible).toBe(1);
  });
});
