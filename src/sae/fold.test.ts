import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { furthest, SAE_DATA, saeRows } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRows, encodeRows } from "./encode.ts";
import { openDictionary } from "./open-dictionary.ts";
import { openSafetensors } from "./safetensors.ts";
import { type TensorData, writeSafetensors } from "./write-safetensors.ts";

const D = 24;
const L = 96;
const rows = saeRows();
const file = openSafetensors({ path: `${SAE_DATA}/topk/sae_weights.safetensors` });
const weights = {
  encoder: file.readTensor("W_enc"),
  decoder: file.readTensor("W_dec"),
  bEnc: file.readTensor("b_enc"),
  bDec: file.readTensor("b_dec"),
};
const norms = Float64Array.from({ length: L }, (_, k) =>
  Math.hypot(...weights.decoder.subarray(k * D, (k + 1) * D)),
);

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary[Symbol.asyncDispose]());

/** The TopK fixture with other settings and tensors. */
async function written({
  name,
  config,
  extra = {},
}: {
  name: string;
  config: Record<string, unknown>;
  extra?: Record<string, TensorData>;
}): Promise<string> {
  const path = join(temporary.path, name);
  mkdirSync(path, { recursive: true });
  const original: unknown = JSON.parse(readFileSync(`${SAE_DATA}/topk/cfg.json`, "utf8"));
  writeFileSync(join(path, "cfg.json"), JSON.stringify(Object.assign({}, original, config)));
  await writeSafetensors({
    path: join(path, "sae_weights.safetensors"),
    tensors: {
      W_enc: { shape: [D, L], data: weights.encoder },
      W_dec: { shape: [L, D], data: weights.decoder },
      b_enc: { shape: [L], data: weights.bEnc },
      b_dec: { shape: [D], data: weights.bDec },
      ...extra,
    },
  });
  return path;
}

/** `(scale h - b_dec) W_enc + b_enc` of row 0, times each latent's factor, as SAELens computes it before anything is folded. */
function preOf({ scale = 1, factor }: { scale?: number; factor: (latent: number) => number }): number[] {
  return Array.from({ length: L }, (_, k) => {
    let sum = weights.bEnc[k] ?? 0;
    for (let i = 0; i < D; i++) {
      sum += ((rows[i] ?? 0) * scale - (weights.bDec[i] ?? 0)) * (weights.encoder[i * L + k] ?? 0);
    }
    return sum * factor(k);
  });
}

function actsOf(dictionary: Dictionary): Float32Array {
  return encodeRows({ dictionary, rows: rows.subarray(0, D) });
}

function reconstruction(acts: number[], divisor: (latent: number) => number): Float32Array {
  return Float32Array.from({ length: D }, (_, i) =>
    acts.reduce(
      (sum, act, k) => sum + (act / divisor(k)) * (weights.decoder[k * D + i] ?? 0),
      weights.bDec[i] ?? 0,
    ),
  );
}

function largest(pre: number[], k: number): number[] {
  const least = pre.toSorted((a, b) => b - a)[k - 1] ?? 0;
  return pre.map((value) => (value >= least ? Math.max(0, value) : 0));
}

describe("rescale_acts_by_decoder_norm", () => {
  const norm = (k: number) => norms[k] ?? 0;

  test("the fixture's norms differ, so that rescaling chooses other latents", () => {
    expect(Math.max(...norms) / Math.min(...norms)).toBeGreaterThan(1.5);
  });

  test("TopK competes by pre-activation times norm, and writes what the unscaled latent would", async () => {
    const path = await written({ name: "rescaled", config: { rescale_acts_by_decoder_norm: true } });
    const dictionary = openDictionary({ path });
    const expected = largest(preOf({ factor: norm }), 8);
    const acts = actsOf(dictionary);
    expect(furthest(acts, Float32Array.from(expected))).toBeLessThan(1e-5);
    expect(furthest(decodeRows({ dictionary, acts }), reconstruction(expected, norm))).toBeLessThan(1e-5);
    expect(dictionary.folded).toBe(true);
    for (const latent of [0, 50, 95]) expect(Math.hypot(...dictionary.direction(latent))).toBeCloseTo(1, 6);
  });

  test("a BatchTopK checkpoint is the JumpReLU that SAELens saves of it", async () => {
    const path = await written({
      name: "batch",
      config: { architecture: "batchtopk", k: 8.5, rescale_acts_by_decoder_norm: true },
      extra: { topk_threshold: { shape: [], data: Float32Array.of(2.5) } },
    });
    const dictionary = openDictionary({ path });
    const expected = preOf({ factor: norm }).map((pre) => (pre > 2.5 ? pre : 0));
    expect(dictionary.architecture).toBe("jumprelu");
    expect(furthest(actsOf(dictionary), Float32Array.from(expected))).toBeLessThan(1e-5);
    expect(dictionary.threshold(17)).toBe(2.5);
    expect(expected.filter((value) => value > 0).length).toBeGreaterThan(0);
  });
});

describe("expected_average_only_in", () => {
  const config = { normalize_activations: "expected_average_only_in" };

  test("the factor beside the checkpoint is folded: latents see h times it, and write into h itself", async () => {
    const path = await written({ name: "scaled", config });
    writeFileSync(join(path, "activation_scaler.json"), JSON.stringify({ scaling_factor: 0.25 }));
    const dictionary = openDictionary({ path });
    // b_dec is folded too: the encoder sees h - b_dec / scale, scaled as a whole
    const expected = largest(preOf({ scale: 0.25, factor: () => 1 }), 8);
    const acts = actsOf(dictionary);
    expect(furthest(acts, Float32Array.from(expected))).toBeLessThan(1e-5);
    const recon = reconstruction(expected, () => 1).map((value) => value / 0.25);
    expect(furthest(decodeRows({ dictionary, acts }), recon)).toBeLessThan(1e-4);
  });

  test.each([null, 0, -1])("a factor of %s is none", async (factor) => {
    const path = await written({ name: `scaled-${factor}`, config });
    writeFileSync(join(path, "activation_scaler.json"), JSON.stringify({ scaling_factor: factor }));
    expect(() => openDictionary({ path })).toThrow(CountersteerError);
  });
});

test("a configuration of before version 6 has that version's defaults", async () => {
  const path = join(temporary.path, "old");
  mkdirSync(path);
  copyFileSync(`${SAE_DATA}/topk/sae_weights.safetensors`, join(path, "sae_weights.safetensors"));
  writeFileSync(
    join(path, "cfg.json"),
    JSON.stringify({
      d_in: D,
      d_sae: L,
      dtype: "torch.float32",
      model_name: "gpt2-small",
      hook_point: "blocks.8.hook_resid_pre",
      hook_layer: 8,
      normalize_activations: false,
      activation_fn_str: "topk",
      activation_fn_kwargs: { k: 8 },
    }),
  );
  const dictionary = openDictionary({ path });
  expect(dictionary).toMatchObject({ architecture: "topk", k: 8, layer: 7, modelName: "gpt2-small" });
  expect(actsOf(dictionary)).toEqual(actsOf(openDictionary({ path: `${SAE_DATA}/topk` })));
});
