/** The numbers of an evaluation are ratios of sums over documents, whatever the documents' sizes. */
import { expect, it } from "vitest";
import { LatentStats } from "../sae/latent-stats.ts";
import { openDictionary } from "../sae/open-dictionary.ts";
import { ReconstructionStats } from "../sae/reconstruction-stats.ts";
import { RowMoments } from "../sae/row-moments.ts";
import { crossEntropyOf, dictionaryEvaluation, type Losses } from "./evaluation-result.ts";

const dictionary = openDictionary({ path: "test/data/sae/topk" });
const { dModel, latents: size } = dictionary;

const losses: Losses = {
  tokens: new Map([
    [0, 10],
    [3, 90],
  ]),
  original: new Map([
    [0, 20],
    [3, 180],
  ]),
  zero: new Map([
    [0, 100],
    [3, 900],
  ]),
  mean: new Map([
    [0, 60],
    [3, 540],
  ]),
  spliced: [
    new Map([
      [0, 40],
      [3, 200],
    ]),
    new Map([
      [0, 20],
      [3, 180],
    ]),
  ],
};

/** Two documents of unequal size; the reconstruction misses every row by `miss` in each direction. */
function evaluated(index: number) {
  const rows = Float32Array.from({ length: 6 * dModel }, (_, i) => Math.sin(i));
  const documents = Int32Array.of(0, 0, 3, 3, 3, 3);
  const moments = new RowMoments({ dModel });
  moments.add({ rows, documents });
  const measures = [0.1, 0.2].map((miss) => {
    const reconstruction = new ReconstructionStats({ dModel });
    const reconstructed = rows.map((value) => value + miss);
    reconstruction.add({ rows, reconstructed, documents, batchMean: moments.mean() });
    const latents = new LatentStats({ latents: size });
    latents.add({ acts: new Float32Array(6 * size) });
    return { reconstruction, latents };
  });
  const variation = [...moments.byDocument().values()].reduce((sum, each) => sum + each.variation, 0);
  return {
    variation,
    evaluation: dictionaryEvaluation({ dictionary, index, moments, measures, losses, seed: 1 }),
  };
}

it("cross-entropy is the loss of all tokens over their number, with an interval that holds it", () => {
  const { original, zeroAblated, meanAblated, tokens, documents } = crossEntropyOf({ losses, seed: 1 });
  expect({ tokens, documents }).toEqual({ tokens: 100, documents: 2 });
  expect([original, zeroAblated, meanAblated].map(({ estimate }) => estimate)).toEqual([2, 10, 6]);
});

it("recovered is (zero - spliced) / (zero - original) of the sums, and the increase is per token", () => {
  const { crossEntropy, difference } = evaluated(0).evaluation;
  expect(crossEntropy?.spliced.estimate).toBeCloseTo(2.4, 12);
  expect(crossEntropy?.increase.estimate).toBeCloseTo(0.4, 12);
  expect(crossEntropy?.recovered.estimate).toBeCloseTo((1000 - 240) / (1000 - 200), 12);
  expect(crossEntropy?.recoveredOverMean.estimate).toBeCloseTo((600 - 240) / (600 - 200), 12);
  const { lower, upper, estimate, clusters } = crossEntropy?.recovered ?? {};
  expect(clusters).toBe(2);
  expect(lower).toBeLessThan(estimate ?? 0);
  expect(upper).toBeGreaterThan(estimate ?? 1);
  expect(difference).toBeNull();
});

it("explained variance is 1 - FVU, its interval turned round, and a difference is that of the two dictionaries", () => {
  const first = evaluated(0);
  const second = evaluated(1);
  const fvu = (miss: number) => (6 * dModel * miss ** 2) / first.variation;
  const { explainedVariance } = first.evaluation;
  expect(explainedVariance.estimate).toBeCloseTo(1 - fvu(0.1), 6);
  expect(explainedVariance.lower ?? 1).toBeLessThanOrEqual(explainedVariance.estimate ?? 0);
  expect(explainedVariance.upper ?? 0).toBeGreaterThanOrEqual(explainedVariance.estimate ?? 1);
  const { difference } = second.evaluation;
  expect(difference?.explainedVariance.estimate).toBeCloseTo(fvu(0.1) - fvu(0.2), 6);
  expect(difference?.recovered?.estimate).toBeCloseTo(40 / 800, 12);
});
