import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activate, decodeRows, encodeRows, latentValue, preActivations } from "./encode.ts";
import { openSaelens } from "./saelens.ts";
import { openSafetensors } from "./safetensors.ts";

const DATA = "test/data/sae";
const inputs = openSafetensors({ path: `${DATA}/x.safetensors` });
const x = inputs.readTensor([...inputs.tensors.keys()][0] ?? "");

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

// batchtopk is stored as a JumpReLU with b_dec applied to the input
describe.each(["standard", "standard-nobdec", "topk", "jumprelu", "batchtopk"])("%s", (name) => {
  const dictionary = openSaelens({ path: `${DATA}/${name}` });
  const truth = openSafetensors({ path: `${DATA}/${name}/expected.safetensors` });
  const acts = encodeRows({ dictionary, rows: x });

  test("latent values equal SAELens'", () => {
    expect(furthest(acts, truth.readTensor("acts"))).toBeLessThan(1e-5);
  });

  test("reconstructions equal SAELens'", () => {
    expect(furthest(decodeRows({ dictionary, acts }), truth.readTensor("recon"))).toBeLessThan(1e-5);
  });

  test("the fixture has active and silent latents", () => {
    const active = acts.filter((value) => value > 0).length;
    expect(active).toBeGreaterThan(0);
    expect(active).toBeLessThan(acts.length);
  });

  test("one latent read alone equals the same latent read with all", () => {
    for (let latent = 0; latent < dictionary.latents; latent++) {
      const alone = latentValue({ dictionary, row: x.subarray(0, dictionary.dModel), latent });
      expect(alone).toBeCloseTo(acts[latent] ?? Number.NaN, 5);
    }
  });

  test("pre-activation is encoder row times input plus effective bias", () => {
    const pre = preActivations({ dictionary, rows: x.subarray(0, dictionary.dModel) });
    for (let latent = 0; latent < dictionary.latents; latent++) {
      const row = dictionary.encoderRow(latent);
      const sum = row.reduce(
        (total, weight, i) => total + weight * (x[i] ?? 0),
        dictionary.effectiveBias(latent),
      );
      expect(pre[latent]).toBeCloseTo(sum, 5);
    }
  });

  test("an encoding does not depend on the other rows", () => {
    const d = dictionary.dModel;
    const third = encodeRows({ dictionary, rows: x.subarray(2 * d, 3 * d) });
    expect(third).toEqual(acts.slice(2 * dictionary.latents, 3 * dictionary.latents));
  });
});

test("TopK keeps the k first of a sort by value, then index, and only if positive", () => {
  const dictionary = openSaelens({ path: `${DATA}/topk` });
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 96, maxLength: 96 });
  fc.assert(
    fc.property(values, (row) => {
      const order = row.map((_, i) => i).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
      const kept = new Set(order.slice(0, 8));
      const expected = row.map((value, i) => (kept.has(i) ? Math.max(value, 0) : 0));
      expect([...activate({ dictionary, pre: Float32Array.from(row) })]).toEqual(expected);
    }),
  );
});

test("a value at its JumpReLU threshold is silent, just above it is kept whole", () => {
  const dictionary = openSaelens({ path: `${DATA}/jumprelu` });
  const at = dictionary.threshold(5);
  expect(at).toBeGreaterThan(0);
  const pre = new Float32Array(96);
  pre[5] = at;
  expect(activate({ dictionary, pre })[5]).toBe(0);
  pre[5] = at * 1.01;
  expect(activate({ dictionary, pre })[5]).toBe(pre[5]);
});

test("part of a row is refused", () => {
  const dictionary = openSaelens({ path: `${DATA}/topk` });
  expect(() => encodeRows({ dictionary, rows: x.subarray(0, 25) })).toThrow(RangeError);
});
