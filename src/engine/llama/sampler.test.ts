import fc from "fast-check";
import { expect, test } from "vitest";
import { GREEDY, type Sampling } from "../engine.ts";
import { keyedUniform } from "./keyed-random.ts";
import { argmax, expNegative, logProbability, penalise, Sampler } from "./sampler.ts";

const HOT: Sampling = { ...GREEDY, temperature: 0.7, seed: 11 };
const row = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 60 });

/** Frequencies of 40,000 draws beside the exact softmax of the tokens that `keep` allows. */
function compare(logits: number[], sampling: Sampling, keep: (p: number[]) => boolean[]) {
  const sampler = new Sampler({ vocabulary: logits.length });
  const n = 40_000;
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < n; i++) {
    const token = sampler.sample({ logits: Float32Array.from(logits), sampling, seen: [], index: i });
    counts[token] = (counts[token] ?? 0) + 1;
  }
  const max = Math.max(...logits);
  const weights = logits.map((v) => Math.exp((v - max) / sampling.temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  const kept = keep(weights.map((w) => w / total));
  const mass = weights.reduce((a, w, i) => a + (kept[i] ? w : 0), 0);
  return counts.map((count, i) => ({ found: count / n, wanted: kept[i] ? (weights[i] ?? 0) / mass : 0 }));
}

const LOGITS = [2, 1.5, 1, 0.5, 0, -0.5, -4, 2.2];

test("the table exponential agrees with Math.exp to 1e-7", () => {
  for (let x = 0; x < 25; x += 0.00137) {
    expect(Math.abs(expNegative(x) / Math.exp(-x) - 1)).toBeLessThan(1e-7);
  }
});

test.each<[string, Partial<Sampling>, (p: number[]) => boolean[]]>([
  ["plain temperature", {}, (p) => p.map(() => true)],
  ["top-k", { topK: 3 }, (p) => p.map((x) => p.filter((y) => y > x).length < 3)],
  ["min-p", { minP: 0.2 }, (p) => p.map((x) => x >= 0.2 * Math.max(...p))],
  ["top-p", { topP: 0.6 }, (p) => p.map((x) => p.reduce((a, y) => a + (y > x ? y : 0), 0) < 0.6)],
])("%s draws follow the exact distribution", (_, change, keep) => {
  for (const { found, wanted } of compare(LOGITS, { ...HOT, ...change }, keep)) {
    // 4.5 standard errors of a proportion over 40,000 draws
    expect(Math.abs(found - wanted)).toBeLessThanOrEqual(4.5 * Math.sqrt((wanted * (1 - wanted)) / 40_000));
  }
});

test("greedy takes the greatest logit and the lowest index among equals", () => {
  const sampler = new Sampler({ vocabulary: 4 });
  expect(sampler.sample({ logits: Float32Array.of(1, 3, 3, 2), sampling: GREEDY, seen: [], index: 0 })).toBe(
    1,
  );
});

test("the repetition penalty has vLLM's semantics and 1 is nothing", () => {
  const logits = Float32Array.of(2, -2, 4, 0);
  penalise({ logits, seen: new Set([0, 1]), penalty: 2 });
  expect([...logits]).toEqual([1, -4, 4, 0]);
  penalise({ logits, seen: [0, 1, 2, 3], penalty: 1 });
  expect([...logits]).toEqual([1, -4, 4, 0]);
});

test("a row of many blocks is drawn from as if every logit were looked at", () => {
  const value = fc.float({ min: -60, max: 20, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 60, maxLength: 400 }), fc.nat(1000), (values, index) => {
      const logits = Float32Array.from(values);
      const max = Math.max(...logits);
      const weights = Array.from(logits, (v) => {
        const below = (max - v) / HOT.temperature;
        return below <= 25 ? Math.fround(expNegative(below)) : 0;
      });
      let left = keyedUniform(HOT.seed, index) * weights.reduce((sum, w) => sum + w, 0);
      const wanted = weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
      const sampler = new Sampler({ vocabulary: values.length });
      expect(sampler.sample({ logits, sampling: HOT, seen: [], index })).toBe(wanted);
    }),
  );
});

test("logits that are no numbers are refused, whatever is done with them", () => {
  const sampler = new Sampler({ vocabulary: 3 });
  const draw = (...values: number[]) =>
    sampler.sample({ logits: Float32Array.from(values), sampling: HOT, seen: [], index: 0 });
  draw(1, 2, 3);
  expect(() => draw(Number.NaN, Number.NaN, Number.NaN)).toThrow(/no numbers/);
  expect(() => draw(1, Number.POSITIVE_INFINITY, 0)).toThrow(/no numbers/);
  const broken = () => new Float32Array(3).fill(Number.NaN);
  expect(() => sampler.sample({ logits: broken(), sampling: GREEDY, seen: [], index: 0 })).toThrow(
    /no numbers/,
  );
  expect(() => logProbability(broken(), 1)).toThrow(/no numbers/);
});

test("a draw depends on seed and index alone", () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 0, max: 1e9 }), fc.nat(1000), (values, seed, index) => {
      const sampler = new Sampler({ vocabulary: values.length });
      const draw = (i: number) =>
        sampler.sample({ logits: Float32Array.from(values), sampling: { ...HOT, seed }, seen: [], index: i });
      const alone = draw(index);
      draw(index + 1);
      return draw(index) === alone;
    }),
  );
});

test("log-probabilities agree with a direct softmax and never exceed 0", () => {
  fc.assert(
    fc.property(row, (values) => {
      const logits = Float32Array.from(values);
      const max = logits[argmax(logits)] ?? 0;
      const total = logits.reduce((sum, v) => sum + Math.exp(v - max), 0);
      for (let token = 0; token < logits.length; token++) {
        const direct = (logits[token] ?? 0) - max - Math.log(total);
        expect(Math.abs(logProbability(logits, token) - direct)).toBeLessThan(1e-5);
      }
    }),
  );
});
