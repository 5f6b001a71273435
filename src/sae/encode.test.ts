import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { furthest, SAE_DATA, SAE_FIXTURES, saeRows, saeTruth } from "../../test/support/sae-data.ts";
import { activate, decodeRows, encodeLatents, encodeRows, latentValue, preActivations } from "./encode.ts";
import { openDictionary } from "./open-dictionary.ts";

const x = saeRows();

describe.each(Object.entries(SAE_FIXTURES))("%s", (name, path) => {
  const dictionary = openDictionary({ path });
  const truth = saeTruth(name);
  const acts = encodeRows({ dictionary, rows: x });

  test("latent values equal SAELens'", () => {
    expect(furthest(acts, truth.acts)).toBeLessThan(1e-5);
  });

  test("reconstructions equal SAELens'", () => {
    expect(furthest(decodeRows({ dictionary, acts }), truth.recon)).toBeLessThan(1e-5);
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

  test("a few latents equal the same columns of all", () => {
    const latents = [95, 0, 7, 7, 40];
    const few = encodeLatents({ dictionary, rows: x, latents });
    const columns = Float32Array.from(
      few,
      (_, i) => acts[Math.floor(i / 5) * 96 + (latents[i % 5] ?? 0)] ?? 0,
    );
    expect(furthest(few, columns)).toBeLessThan(1e-5);
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
  const dictionary = openDictionary({ path: `${SAE_DATA}/topk` });
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
  const dictionary = openDictionary({ path: `${SAE_DATA}/jumprelu` });
  const at = dictionary.threshold(5);
  expect(at).toBeGreaterThan(0);
  const pre = new Float32Array(96);
  pre[5] = at;
  expect(activate({ dictionary, pre })[5]).toBe(0);
  pre[5] = at * 1.01;
  expect(activate({ dictionary, pre })[5]).toBe(pre[5]);
});

test("part of a row is refused", () => {
  const dictionary = openDictionary({ path: `${SAE_DATA}/topk` });
  expect(() => encodeRows({ dictionary, rows: x.subarray(0, 25) })).toThrow(RangeError);
});

test("a gated latent whose gate is shut is silent, whatever its magnitude", () => {
  const dictionary = openDictionary({ path: `${SAE_DATA}/gated` });
  const bias = dictionary.magnitudes()?.bias ?? new Float32Array(96);
  const latent = bias.findIndex((value, k) => value - (dictionary.encoderBiases()[k] ?? 0) > 0.1);
  expect(latent).toBeGreaterThanOrEqual(0);
  expect(dictionary.valueOf(latent, 0)).toBe(0);
  expect(dictionary.valueOf(latent, -1e-6)).toBe(0);
  expect(dictionary.valueOf(latent, 1e-6)).toBeGreaterThan(0);
});

test("a few latents are checked before anything is read", () => {
  const dictionary = openDictionary({ path: `${SAE_DATA}/gated` });
  expect(() => encodeLatents({ dictionary, rows: x, latents: [1, 96] })).toThrow(/no latent 96/);
});
