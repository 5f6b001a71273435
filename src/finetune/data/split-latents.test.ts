import { expect, test } from "vitest";
import type { Label } from "../../sae/labels.ts";
import { createRng } from "../../stats/rng.ts";
import { NEAR, splitLatents } from "./split-latents.ts";

const D_MODEL = 16;

function direction(latent: number): Float32Array {
  // latents 0 and 1 point the same way
  const rng = createRng({ seed: latent === 1 ? 0 : latent });
  return Float32Array.from({ length: D_MODEL }, () => rng.next() - 0.5);
}
const dictionary = { direction, prefetchDirections: () => undefined };

const labels = Array.from(
  { length: 80 },
  (_, index): Label => ({
    index,
    label: index === 3 ? "thing 2" : `thing ${index}`,
    frequency: index === 79 ? 0 : 0.01,
    maxActivation: 1,
    meanActivation: 1,
    topTokens: [],
    topTopics: [],
    concreteness: index === 78 ? 10 : 90,
  }),
);

const split = (training: number | number[], seed = 0) =>
  splitLatents({ labels, lexicon: new Map(), dictionary, training, seed });

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test("no latent is on both sides, none of evaluation is near one of training, and all are accounted for", () => {
  for (const seed of [0, 1, 2]) {
    const { training, evaluation, near } = split(20, seed);
    expect(training).toHaveLength(20);
    expect(training.length + evaluation.length + near).toBe(78);
    for (const latent of evaluation) {
      for (const other of training) {
        expect(latent).not.toBe(other);
        expect(cosine(direction(latent), direction(other))).toBeLessThan(NEAR);
      }
    }
  }
});

test("dead and abstract latents are on neither side", () => {
  const { training, evaluation } = split(39);
  expect([...training, ...evaluation]).not.toContain(79);
  expect([...training, ...evaluation]).not.toContain(78);
});

test("a given list is taken, and what has its label or direction is left for nobody", () => {
  const { training, evaluation } = split([0, 2]);
  expect(training).toEqual([0, 2]);
  expect(evaluation).not.toContain(1);
  expect(evaluation).not.toContain(3);
  expect(evaluation).toContain(4);
});

test("at most half of the eligible ones train", () => {
  expect(split(1000).training).toHaveLength(39);
});
