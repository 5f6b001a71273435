import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import { openDictionary, shippedDictionaries } from "./open-dictionary.ts";
import { readRows } from "./read-rows.ts";
import { openSaelens } from "./saelens.ts";
import { openSafetensors } from "./safetensors.ts";
import { transposed } from "./stored-tensor.ts";

const DATA = "test/data/sae";
const folder = mkdtempSync(join(tmpdir(), "saelens-"));
afterAll(() => rmSync(folder, { recursive: true }));

function copyWith({
  from = "topk",
  config = {},
}: {
  from?: string;
  config?: Record<string, unknown>;
}): string {
  const path = mkdtempSync(join(folder, "sae-"));
  cpSync(join(DATA, from), path, { recursive: true });
  const original: unknown = JSON.parse(readFileSync(join(path, "cfg.json"), "utf8"));
  writeFileSync(join(path, "cfg.json"), JSON.stringify(Object.assign({}, original, config)));
  return path;
}

function refusal(open: () => Dictionary): CountersteerError {
  try {
    open();
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("what is not implemented is refused by name", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["architecture", "topk", { architecture: "matching_pursuit" }],
    ["architecture", "topk", { architecture: "batchtopk" }],
    ["architecture", "jumprelu", { architecture: "batchtopk", rescale_acts_by_decoder_norm: true }],
    ["normalize_activations", "topk", { normalize_activations: "expected_average_only_in" }],
    ["normalize_activations", "topk", { normalize_activations: "layer_norm" }],
    ["normalize_activations", "topk", { normalize_activations: "constant_norm_rescale" }],
    ["reshape_activations", "topk", { reshape_activations: "hook_z" }],
    ["rescale_acts_by_decoder_norm", "standard", { rescale_acts_by_decoder_norm: true }],
    ["finetuning_scaling_factor", "standard", { finetuning_scaling_factor: true }],
    ["activation_fn_str", "standard", { activation_fn_str: "topk" }],
    ["dtype", "topk", { dtype: "float8_e4m3fn" }],
    ["hook_name", "topk", { metadata: { hook_name: "blocks.3.hook_mlp_out" } }],
  ])("%s", (field, from, config) => {
    const error = refusal(() => openSaelens({ path: copyWith({ from, config }) }));
    expect(error.code).toBe("SAE_UNSUPPORTED");
    expect(error.facts.field).toBe(field);
  });

  test("a tensor that nobody knows", () => {
    const path = copyWith({ from: "gated", config: { architecture: "topk", k: 8 } });
    expect(refusal(() => openSaelens({ path })).facts.tensor).toBe("b_enc");
    expect(
      refusal(() =>
        openSaelens({ path: copyWith({ from: "jumprelu", config: { architecture: "standard" } }) }),
      ).facts,
    ).toMatchObject({ field: "tensor", value: "threshold" });
  });
});

describe("a folder that contradicts itself is refused", () => {
  test.each<[string, Record<string, unknown>]>([
    ["d_sae unlike the weights", { d_sae: 97 }],
    ["d_in unlike the weights", { d_in: 25 }],
    ["TopK without k", { k: null }],
    ["k above the number of latents", { k: 97 }],
    ["hook_layer unlike hook_name", { metadata: { hook_name: "blocks.3.hook_resid_post", hook_layer: 4 } }],
    ["apply_b_dec_to_input missing", { apply_b_dec_to_input: undefined }],
  ])("%s", (_, config) => {
    expect(refusal(() => openSaelens({ path: copyWith({ config }) })).code).toBe("SAE_UNREADABLE");
  });

  test("JumpReLU without thresholds", () => {
    const path = copyWith({ from: "standard", config: { architecture: "jumprelu" } });
    expect(refusal(() => openSaelens({ path })).facts.tensor).toBe("threshold");
  });

  test("truncated weights, no weights, no configuration", () => {
    const cut = copyWith({});
    truncateSync(join(cut, "sae_weights.safetensors"), 1000);
    expect(refusal(() => openSaelens({ path: cut })).code).toBe("SAE_UNREADABLE");
    rmSync(join(cut, "sae_weights.safetensors"));
    expect(refusal(() => openSaelens({ path: cut })).code).toBe("SAE_UNREADABLE");
    rmSync(join(cut, "cfg.json"));
    expect(refusal(() => openSaelens({ path: cut })).code).toBe("SAE_UNREADABLE");
  });

  test("a weight that is not finite is refused when it is read", () => {
    const path = copyWith({ from: "standard" });
    const weights = join(path, "sae_weights.safetensors");
    const file = openSafetensors({ path: weights });
    const bytes = readFileSync(weights);
    bytes.writeFloatLE(Number.NaN, file.info("W_dec").begin + 4 * 24 * 2);
    writeFileSync(weights, bytes);
    const dictionary = openSaelens({ path });
    expect(dictionary.direction(1).length).toBe(24);
    expect(() => dictionary.direction(2)).toThrow(/NaN at element 0/);
  });
});

describe("rows", () => {
  const path = `${DATA}/jumprelu`;
  const file = openSafetensors({ path: `${path}/sae_weights.safetensors` });

  test("directions are rows of W_dec, encoder rows are columns of W_enc, alone and from the whole matrix", () => {
    const alone = openSaelens({ path });
    const whole = openSaelens({ path });
    const matrix = whole.encoderMatrix();
    for (const latent of [0, 1, 63, 64, 95]) {
      expect(alone.direction(latent)).toEqual(file.readRows({ name: "W_dec", row: latent, count: 1 }));
      expect(alone.encoderRow(latent)).toEqual(
        readRows({ tensor: transposed(file.stored("W_enc")), rows: [latent] }),
      );
      expect(whole.encoderRow(latent)).toEqual(alone.encoderRow(latent));
      expect(matrix.slice(latent * 24, (latent + 1) * 24)).toEqual(alone.encoderRow(latent));
      expect(whole.effectiveBiases()[latent]).toBeCloseTo(alone.effectiveBias(latent), 6);
      expect(alone.threshold(latent)).toBe(file.readTensor("threshold")[latent]);
    }
  });

  test("without b_dec at the input the effective bias is the encoder bias", () => {
    const dictionary = openSaelens({ path: `${DATA}/standard-nobdec` });
    expect(dictionary.effectiveBias(4)).toBe(dictionary.encoderBias(4));
    expect(dictionary.threshold(4)).toBe(0);
  });

  test.each([-1, 96, 1.5, Number.NaN])("latent %s is unknown to every reader", (latent) => {
    const dictionary = openSaelens({ path });
    for (const read of ["direction", "encoderRow", "encoderBias", "effectiveBias", "threshold"] as const) {
      expect(() => dictionary[read](latent)).toThrow(expect.objectContaining({ code: "LATENT_UNKNOWN" }));
    }
  });

  test("the hash follows configuration and weights, and nothing else", () => {
    const original = openSaelens({ path: `${DATA}/topk` }).hash();
    const copy = copyWith({});
    cpSync(join(DATA, "topk", "cfg.json"), join(copy, "cfg.json"));
    expect(openSaelens({ path: copy }).hash()).toBe(original);
    expect(openSaelens({ path: copyWith({ config: { k: 9 } }) }).hash()).not.toBe(original);
    expect(openSaelens({ path: `${DATA}/standard` }).hash()).not.toBe(original);
  });
});

describe("the layer", () => {
  test.each<[Record<string, unknown>, number | null]>([
    [{ metadata: { hook_name: "blocks.7.hook_resid_post" } }, 7],
    [{ metadata: { hook_layer: 7 } }, 7],
    [{ hook_name: "blocks.7.hook_resid_post", hook_layer: 7 }, 7],
    // what goes into block 7 is what came out of block 6
    [{ metadata: { hook_name: "blocks.7.hook_resid_pre", hook_layer: 7 } }, 6],
    [{}, null],
  ])("%j is layer %s", (config, layer) => {
    expect(openSaelens({ path: copyWith({ config }) }).layer).toBe(layer);
  });
});

describe("openDictionary", () => {
  test("every shipped SAE opens by its name", () => {
    const names = [...shippedDictionaries().keys()];
    expect(names).toContain("smollm2-135m-instruct.l15.8k");
    for (const name of names) expect(basename(openDictionary({ path: name }).path)).toBe(name);
  });

  test("the default model's SAE is TopK 32 at block 15", () => {
    const { architecture, k, layer, dModel, latents, modelName } = openDictionary({
      path: "smollm2-135m-instruct.l15.8k",
    });
    expect({ architecture, k, layer, dModel, latents, modelName }).toEqual({
      architecture: "topk",
      k: 32,
      layer: 15,
      dModel: 576,
      latents: 8192,
      modelName: "SmolLM2-135M-Instruct",
    });
  });

  test("an unknown name lists the shipped ones", () => {
    const error = refusal(() => openDictionary({ path: "nothing" }));
    expect(error.code).toBe("SAE_UNREADABLE");
    expect(error.why).toContain("smollm2-135m-instruct.l15.8k");
  });
});
