import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SAE_DATA, SAE_FIXTURES, saeRows } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRows, encodeRows } from "./encode.ts";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./float-bits.ts";
import { memoryDictionary } from "./memory-dictionary.ts";
import { openDictionary } from "./open-dictionary.ts";
import { writeSaelens } from "./write-saelens.ts";

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary[Symbol.asyncDispose]());

const rows = saeRows();

function numbersOf(dictionary: Dictionary) {
  const acts = encodeRows({ dictionary, rows });
  return { acts, recon: decodeRows({ dictionary, acts }) };
}

describe.each(Object.entries(SAE_FIXTURES))("%s in SAELens' format", (name, path) => {
  const original = openDictionary({ path });

  test("is the same to the last bit", async () => {
    const folder = join(temporary.path, name);
    const written = await writeSaelens({ dictionary: original, path: folder });
    const copy = openDictionary({ path: folder });
    expect(numbersOf(copy)).toEqual(numbersOf(original));
    expect(written.rounded).toBe(0);
    expect(copy).toMatchObject({
      format: "saelens",
      architecture: original.architecture,
      dtype: original.dtype,
      dModel: original.dModel,
      latents: original.latents,
      k: original.k,
      layer: original.layer,
      hookName: original.hookName,
      modelName: original.modelName,
      applyBDecToInput: original.applyBDecToInput,
    });
    expect(readdirSync(folder).toSorted()).toEqual(["cfg.json", "sae_weights.safetensors"]);
  });

  test("as float16 is each weight's nearest", async () => {
    const folder = join(temporary.path, `${name}-half`);
    const written = await writeSaelens({ dictionary: original, path: folder, dtype: "float16" });
    const copy = openDictionary({ path: folder });
    const nearest = (values: Float32Array) => new Float32Array(new Float16Array(values));
    expect(copy.encoderMatrix()).toEqual(nearest(original.encoderMatrix()));
    expect(copy.direction(7)).toEqual(nearest(original.direction(7)));
    expect(copy.bDec()).toEqual(nearest(original.bDec()));
    // float16 has room for every weight of the bfloat16 fixture
    expect(written.rounded > 0).toBe(original.dtype === "float32");
    expect(written.relativeError).toBeLessThan(2 ** -10);
  });
});

function tiny({ encoder = Float32Array.of(1, 2, 3, 4, 5, 6) }: { encoder?: Float32Array } = {}): Dictionary {
  return memoryDictionary({
    facts: {
      architecture: "standard",
      k: null,
      layer: 3,
      hookName: "blocks.3.hook_resid_post",
      modelName: "tiny",
      applyBDecToInput: false,
    },
    weights: {
      encoder,
      decoder: Float32Array.of(6, 5, 4, 3, 2, 1),
      encoderBias: Float32Array.of(0.5, -0.5, 0),
      decoderBias: Float32Array.of(1, -1),
    },
  });
}

test("weights in memory are written, and come back with their place and a note of where they are from", async () => {
  const folder = join(temporary.path, "tiny");
  await writeSaelens({ dictionary: tiny(), path: folder, metadata: { recipe: "r" } });
  const copy = openDictionary({ path: folder });
  expect([...copy.encoderMatrix()]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...copy.directionBlock({ first: 1, count: 2 })]).toEqual([4, 3, 2, 1]);
  expect(copy).toMatchObject({ layer: 3, modelName: "tiny" });
  const config: unknown = JSON.parse(readFileSync(join(folder, "cfg.json"), "utf8"));
  expect(config).toMatchObject({ metadata: { recipe: "r", hook_layer: 3 } });
});

test("a number that the type has no room for is refused, and nothing that could be opened is left", async () => {
  const folder = join(temporary.path, "large");
  const dictionary = tiny({ encoder: Float32Array.of(1, 2, 3, 4, 5, 70_000) });
  await expect(writeSaelens({ dictionary, path: folder, dtype: "float16" })).rejects.toMatchObject({
    code: "SAE_UNSUPPORTED",
    facts: { value: 70_000 },
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("a dictionary that is there is replaced whole, and an abort leaves none", async () => {
  const folder = join(temporary.path, "replaced");
  await writeSaelens({ dictionary: tiny(), path: folder });
  await writeSaelens({ dictionary: openDictionary({ path: `${SAE_DATA}/topk` }), path: folder });
  expect(openDictionary({ path: folder }).latents).toBe(96);
  const signal = AbortSignal.abort();
  await expect(writeSaelens({ dictionary: tiny(), path: folder, signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(() => openDictionary({ path: folder })).toThrow(/cfg.json/);
});

test("a dictionary of more weights than a block is written in parts that join", async () => {
  const dModel = 1024;
  const latents = 8192 + 100;
  const matrix = Float32Array.from({ length: dModel * latents }, (_, i) => (i % 9973) - 5000);
  const dictionary = memoryDictionary({
    facts: {
      architecture: "topk",
      k: 4,
      layer: null,
      hookName: null,
      modelName: null,
      applyBDecToInput: true,
    },
    weights: {
      encoder: matrix,
      decoder: matrix,
      encoderBias: new Float32Array(latents),
      decoderBias: new Float32Array(dModel),
    },
  });
  const folder = join(temporary.path, "parts");
  await writeSaelens({ dictionary, path: folder });
  const copy = openDictionary({ path: folder });
  for (const latent of [0, 8191, 8192, latents - 1]) {
    const expected = matrix.subarray(latent * dModel, (latent + 1) * dModel);
    expect(copy.encoderRow(latent)).toEqual(expected);
    expect(copy.direction(latent)).toEqual(expected);
  }
});

test("arrays that do not fit each other, and a TopK without k, are no dictionary", () => {
  expect(() => tiny({ encoder: new Float32Array(5) })).toThrow(RangeError);
  const facts = { layer: null, hookName: null, modelName: null, applyBDecToInput: false, k: null };
  const weights = {
    encoder: new Float32Array(1),
    decoder: new Float32Array(1),
    encoderBias: new Float32Array(1),
    decoderBias: new Float32Array(1),
  };
  for (const architecture of ["topk", "jumprelu", "gated"] as const) {
    expect(() => memoryDictionary({ facts: { ...facts, architecture }, weights })).toThrow(RangeError);
  }
});

test("widening undoes narrowing for every 16-bit number", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
  const isNan = (i: number, mask: number, most: number) => (i & mask) > most;
  const same = (back: Uint16Array, mask: number, most: number) =>
    bits.every((value, i) => back[i] === value || isNan(value, mask, most));
  expect(same(float32ToFloat16(float16ToFloat32(bits)), 0x7fff, 0x7c00)).toBe(true);
  expect(same(float32ToBfloat16(bfloat16ToFloat32(bits)), 0x7fff, 0x7f80)).toBe(true);
});

test("bfloat16 is the nearest, ties to even", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const [bits = 0] = float32ToBfloat16(Float32Array.of(value));
      const [kept = 0, above = 0, below = 0] = bfloat16ToFloat32(Uint16Array.of(bits, bits + 1, bits - 1));
      fc.pre(Number.isFinite(kept) && Number.isFinite(above) && Number.isFinite(below));
      const error = Math.abs(kept - value);
      for (const other of [above, below]) {
        const further = Math.abs(other - value);
        expect(
          further > error || (further === error && bits % 2 === 0) || Math.sign(other) !== Math.sign(kept),
        ).toBe(true);
      }
    }),
  );
  expect(Number.isNaN(bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(Number.NaN)))[0])).toBe(true);
});

test("the folder's other files stay", async () => {
  const folder = join(temporary.path, "tiny");
  writeFileSync(join(folder, "README.md"), "mine");
  await writeSaelens({ dictionary: tiny(), path: folder });
  expect(readdirSync(folder)).toContain("README.md");
});
