/** The measures of an evaluation equal NumPy's (test/data/sae/make-evaluation-truth.py), and do not depend on how rows are cut. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LatentStats } from "./latent-stats.ts";
import { ReconstructionStats } from "./reconstruction-stats.ts";
import { RowMoments } from "./row-moments.ts";
import { openSafetensors } from "./safetensors.ts";

const DATA = "test/data/sae";
const D_MODEL = 24;
const LATENTS = 96;
const DOCUMENTS = 5;
const inputs = openSafetensors({ path: `${DATA}/x.safetensors` });
const x = inputs.readTensor([...inputs.tensors.keys()][0] ?? "");
const count = x.length / D_MODEL;
const documents = Int32Array.from({ length: count }, (_, row) => row % DOCUMENTS);
const batchMean = meanOf(x);

const Truth = z.record(
  z.string(),
  z.object({
    meanSquaredError: z.number(),
    cosineSimilarity: z.number(),
    relativeNorm: z.number(),
    relativeReconstructionBias: z.number(),
    explainedVariancePerRow: z.number(),
    explainedVariance: z.number(),
    l0: z.object({ mean: z.number(), p50: z.number(), p95: z.number() }),
    dead: z.number(),
    frequency: z.array(z.number()),
    max: z.array(z.number()),
    meanWhenActive: z.array(z.number()),
    density: z.array(z.number()),
  }),
);
const json: unknown = JSON.parse(readFileSync(`${DATA}/evaluation.json`, "utf8"));
const cases = Object.entries(Truth.parse(json)).map(([name, truth]) => {
  const expected = openSafetensors({ path: `${DATA}/${name}/expected.safetensors` });
  return { name, truth, acts: expected.readTensor("acts"), recon: expected.readTensor("recon") };
});

function meanOf(rows: Float32Array): Float64Array {
  return Float64Array.from({ length: D_MODEL }, (_, i) => {
    const column = rows.filter((_value, at) => at % D_MODEL === i);
    return column.reduce((sum, value) => sum + value, 0) / column.length;
  });
}

/** Adds the rows in parts that end at `cuts`. */
function gathered({ acts, recon, cuts = [] }: { acts: Float32Array; recon: Float32Array; cuts?: number[] }) {
  const reconstruction = new ReconstructionStats({ dModel: D_MODEL });
  const latents = new LatentStats({ latents: LATENTS });
  const moments = new RowMoments({ dModel: D_MODEL });
  const ends = [...cuts.toSorted((a, b) => a - b), count];
  ends.forEach((end, i) => {
    const start = ends[i - 1] ?? 0;
    const rows = x.subarray(start * D_MODEL, end * D_MODEL);
    const part = documents.subarray(start, end);
    moments.add({ rows, documents: part });
    latents.add({ acts: acts.subarray(start * LATENTS, end * LATENTS) });
    const reconstructed = recon.subarray(start * D_MODEL, end * D_MODEL);
    reconstruction.add({ rows, reconstructed, documents: part, batchMean });
  });
  return { reconstruction, latents, moments };
}

function total(values: Iterable<number>): number {
  return [...values].reduce((sum, value) => sum + value, 0);
}

describe.each(cases)("$name", ({ truth, acts, recon }) => {
  const { reconstruction, latents, moments } = gathered({ acts, recon });

  it("reconstruction", () => {
    const facts = reconstruction.facts();
    expect(facts.rows).toBe(count);
    expect(facts.meanSquaredError).toBeCloseTo(truth.meanSquaredError, 9);
    expect(facts.cosineSimilarity).toBeCloseTo(truth.cosineSimilarity, 9);
    expect(facts.relativeNorm).toBeCloseTo(truth.relativeNorm, 9);
    expect(facts.relativeReconstructionBias).toBeCloseTo(truth.relativeReconstructionBias, 9);
    expect(facts.explainedVariancePerRow).toBeCloseTo(truth.explainedVariancePerRow, 9);
  });

  it("explained variance from sums by document", () => {
    const variation = total([...moments.byDocument().values()].map((each) => each.variation));
    expect(1 - total(reconstruction.errors.values()) / variation).toBeCloseTo(truth.explainedVariance, 9);
  });

  it("sparsity and latents", () => {
    const facts = latents.facts();
    expect(facts.l0.mean).toBeCloseTo(truth.l0.mean, 12);
    expect(facts.l0).toMatchObject({ p50: truth.l0.p50, p95: truth.l0.p95 });
    expect(facts.dead).toEqual({ latents: truth.dead, share: truth.dead / LATENTS });
    expect(facts.density.counts).toEqual(truth.density);
    expect(facts.density.log10Edges).toHaveLength(facts.density.counts.length + 1);
    const uses = [...latents.uses()];
    expect(uses.map(({ latent }) => latent)).toEqual(Array.from({ length: LATENTS }, (_, k) => k));
    for (const { latent, frequency, max, meanWhenActive } of uses) {
      expect(frequency).toBeCloseTo(truth.frequency[latent] ?? Number.NaN, 12);
      expect(max).toBeCloseTo(truth.max[latent] ?? Number.NaN, 9);
      expect(meanWhenActive).toBeCloseTo(truth.meanWhenActive[latent] ?? Number.NaN, 9);
    }
  });

  it("rows may come in any parts", () => {
    const whole = { ...reconstruction.facts(), ...latents.facts() };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: count })), (cuts) => {
        const parts = gathered({ acts, recon, cuts });
        expect(parts.latents.facts()).toEqual(latents.facts());
        const facts = { ...parts.reconstruction.facts(), ...parts.latents.facts() };
        expect(facts.meanSquaredError).toBeCloseTo(whole.meanSquaredError, 12);
        expect([...parts.moments.byDocument().keys()].toSorted()).toEqual([...new Set(documents)]);
      }),
      { numRuns: 20 },
    );
  });
});

it("the measured rows' mean reconstructs nothing: its explained variance is 0, and the rows themselves explain all", () => {
  const mean = Float32Array.from({ length: x.length }, (_, at) => batchMean[at % D_MODEL] ?? 0);
  const acts = new Float32Array(count * LATENTS);
  const nothing = gathered({ acts, recon: mean });
  const all = gathered({ acts, recon: x });
  const variation = total([...nothing.moments.byDocument().values()].map((each) => each.variation));
  expect(1 - total(nothing.reconstruction.errors.values()) / variation).toBeCloseTo(0, 6);
  expect(total(all.reconstruction.errors.values())).toBe(0);
  expect(all.reconstruction.facts()).toMatchObject({ meanSquaredError: 0, relativeReconstructionBias: 1 });
  expect(all.latents.facts().dead.share).toBe(1);
});

it("a latent that fires in every row lies in the last bin, one that fires once in the first", () => {
  const stats = new LatentStats({ latents: 2 });
  stats.add({ acts: Float32Array.from({ length: 200 }, (_, at) => (at % 2 === 0 || at === 1 ? 1 : 0)) });
  expect(stats.facts().density).toEqual({ log10Edges: [-2, -1.5, -1, -0.5, 0], counts: [1, 0, 0, 1] });
});
