import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { furthest, SAE_DATA, saeRows, saeTruth } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyNpz } from "../../test/support/tiny-npz.ts";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRows, encodeRows } from "./encode.ts";
import { openNpz } from "./npz-file.ts";
import { openDictionary } from "./open-dictionary.ts";
import { readRows, readVector } from "./read-rows.ts";
import { type TensorData, writeSafetensors } from "./write-safetensors.ts";

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary[Symbol.asyncDispose]());

/** A copy of a fixture's files in a folder of this name. */
function copyTo({
  folder,
  from,
  names,
}: {
  folder: string;
  from: string;
  names: Record<string, string>;
}): string {
  const path = join(temporary.path, folder);
  mkdirSync(path, { recursive: true });
  for (const [name, to] of Object.entries(names)) copyFileSync(join(SAE_DATA, from, name), join(path, to));
  return path;
}

function refusal(path: string): CountersteerError {
  try {
    openDictionary({ path }).close();
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

function placeOf({ layer, hookName, modelName }: Dictionary) {
  return { layer, hookName, modelName };
}

const NPZ = { from: "gemma-scope", names: { "params.npz": "params.npz" } };

describe("Gemma Scope", () => {
  test.each([
    [
      "google/gemma-scope-2b-pt-res/main/layer_16/width_16k/average_l0_78",
      { layer: 16, hookName: "blocks.16.hook_resid_post", modelName: "google/gemma-2-2b" },
    ],
    [
      "models--google--gemma-scope-9b-it-res/snapshots/abc/layer_20/width_131k/average_l0_81",
      { layer: 20, hookName: "blocks.20.hook_resid_post", modelName: "google/gemma-2-9b-it" },
    ],
    ["layer_5/width_16k/average_l0_20", { layer: 5, hookName: null, modelName: null }],
    ["somewhere", { layer: null, hookName: null, modelName: null }],
  ])("%s tells the place", (folder, place) => {
    const path = copyTo({ folder, ...NPZ });
    expect(placeOf(openDictionary({ path }))).toEqual(place);
    expect(placeOf(openDictionary({ path: join(path, "params.npz") }))).toEqual(place);
  });

  test.each([
    "google/gemma-scope-2b-pt-transcoders/layer_5/width_16k/average_l0_20",
    "google/gemma-scope-2b-pt-mlp/layer_5/width_16k/average_l0_20",
    "google/gemma-scope-2b-pt-att/layer_5/width_16k/average_l0_20",
    "google/gemma-scope-2b-pt-res/main/embedding/width_4k/average_l0_21",
  ])("%s is refused by name", (folder) => {
    const error = refusal(copyTo({ folder, ...NPZ }));
    expect(error.code).toBe("SAE_UNSUPPORTED");
    expect(error.facts.field).toBe("site");
  });

  test("an array that nobody knows, and one that is missing", () => {
    const path = join(temporary.path, "odd.npz");
    const array = { shape: [1], data: Float32Array.of(1) };
    writeFileSync(path, tinyNpz({ arrays: { W_enc: array, W_skip: array } }));
    expect(refusal(path).facts.value).toBe("W_skip");
    writeFileSync(path, tinyNpz({ arrays: { W_enc: { shape: [1, 1], data: Float32Array.of(1) } } }));
    expect(refusal(path).facts.tensor).toBe("W_dec");
  });
});

describe("Gemma Scope 2", () => {
  const CONFIG = {
    hf_hook_point_in: "model.layers.17.output",
    hf_hook_point_out: "model.layers.17.output",
    width: 96,
    model_name: "google/gemma-v3-4b-pt",
    architecture: "jump_relu",
    l0: 150,
    affine_connection: false,
    type: "sae",
  };

  /** The Gemma Scope fixture as Gemma Scope 2 stores its tensors. */
  async function written({
    folder,
    config = CONFIG,
    extra = {},
  }: {
    folder: string;
    config?: Record<string, unknown> | null;
    extra?: Record<string, TensorData>;
  }): Promise<string> {
    const path = join(temporary.path, folder);
    mkdirSync(path, { recursive: true });
    const file = openNpz({ path: `${SAE_DATA}/gemma-scope/params.npz` });
    const tensors: Record<string, TensorData> = { ...extra };
    for (const [name, tensor] of file.tensors) {
      const rows = Array.from({ length: tensor.shape[0] ?? 0 }, (_, i) => i);
      const data = tensor.shape.length === 2 ? readRows({ tensor, rows }) : readVector(tensor);
      tensors[name.replace("W_", "w_")] = { shape: [...tensor.shape], data };
    }
    await writeSafetensors({ path: join(path, "params.safetensors"), tensors });
    if (config !== null) writeFileSync(join(path, "config.json"), JSON.stringify(config));
    return path;
  }

  test("its numbers and its place", async () => {
    const path = await written({ folder: "google/gemma-scope-2-4b-pt/resid_post/layer_17_width_16k_l0_big" });
    const dictionary = openDictionary({ path });
    const acts = encodeRows({ dictionary, rows: saeRows() });
    const truth = saeTruth("gemma-scope");
    expect(furthest(acts, truth.acts)).toBeLessThan(1e-5);
    expect(furthest(decodeRows({ dictionary, acts }), truth.recon)).toBeLessThan(1e-5);
    expect(dictionary.format).toBe("gemma-scope-2");
    expect(placeOf(dictionary)).toEqual({
      layer: 17,
      hookName: "blocks.17.hook_resid_post",
      modelName: "google/gemma-3-4b-pt",
    });
    expect(dictionary.files).toHaveLength(2);
  });

  test("without a configuration the folder's name tells the layer", async () => {
    const path = await written({ folder: "bare/resid_post_all/layer_10_width_16k_l0_small", config: null });
    expect(openDictionary({ path }).layer).toBe(10);
    const other = await written({ folder: "bare/transcoder_all/layer_5_width_16k_l0_big", config: null });
    expect(refusal(other).facts.field).toBe("site");
  });

  test.each<[string, Record<string, unknown>]>([
    ["type", { type: "transcoder" }],
    ["affine_connection", { affine_connection: true }],
    ["architecture", { architecture: "topk" }],
    ["hf_hook_point_out", { hf_hook_point_out: "model.layers.17.post_feedforward_layernorm.output" }],
    [
      "hf_hook_point_in",
      {
        hf_hook_point_in: "model.layers.17.self_attn.o_proj.input",
        hf_hook_point_out: "model.layers.17.self_attn.o_proj.input",
      },
    ],
  ])("%s is refused by name", async (field, change) => {
    const path = await written({ folder: `refused/${field}`, config: { ...CONFIG, ...change } });
    expect(refusal(path).facts.field).toBe(field);
  });

  test("a skip connection, and a width that the tensors do not have", async () => {
    const extra = { affine_skip_connection: { shape: [1], data: Float32Array.of(1) } };
    expect(refusal(await written({ folder: "skip", extra })).facts.value).toBe("affine_skip_connection");
    const narrow = await written({ folder: "narrow", config: { ...CONFIG, width: 95 } });
    expect(refusal(narrow).code).toBe("SAE_UNREADABLE");
  });
});

describe("Goodfire", () => {
  test.each([
    ["Goodfire/Llama-3.3-70B-Instruct-SAE-l50", "Llama-3.3-70B-Instruct-SAE-l50.pt"],
    ["models--Goodfire--Llama-3.3-70B-Instruct-SAE-l50/snapshots/abc", "sae.pth"],
  ])("%s/%s tells the place", (folder, name) => {
    const path = copyTo({ folder, from: "goodfire", names: { "sae.pt": name } });
    const place = {
      layer: 50,
      hookName: "blocks.50.hook_resid_post",
      modelName: "Llama-3.3-70B-Instruct",
    };
    expect(placeOf(openDictionary({ path }))).toEqual(place);
    expect(placeOf(openDictionary({ path: join(path, name) }))).toEqual(place);
  });

  test("a folder with two torch files asks for one of them", () => {
    expect(refusal(`${SAE_DATA}/goodfire`).why).toMatch(/evil\.pt, sae\.pt/);
  });
});

describe("sparsify", () => {
  const NAMES = { "cfg.json": "cfg.json", "sae.safetensors": "sae.safetensors" };

  test.each([
    ["layers.15", 15],
    ["h.3", 3],
    ["model.layers.7", 7],
    ["mine", null],
  ])("%s is layer %s", (name, layer) => {
    const path = copyTo({ folder: `sae-llama/${name}`, from: "sparsify", names: NAMES });
    writeFileSync(join(temporary.path, "sae-llama", "config.json"), JSON.stringify({ model: "meta/llama" }));
    const dictionary = openDictionary({ path });
    expect(dictionary.layer).toBe(layer);
    expect(dictionary.modelName).toBe("meta/llama");
    expect(dictionary.k).toBe(8);
  });

  test.each(["layers.15.mlp", "h.3.attn", "embed_tokens"])("%s is no block's output", (name) => {
    const path = copyTo({ folder: `sae-gpt/${name}`, from: "sparsify", names: NAMES });
    expect(refusal(path).facts.field).toBe("hookpoint");
  });

  test.each<[string, Record<string, unknown>]>([
    ["transcode", { transcode: true }],
    ["skip_connection", { skip_connection: true }],
    ["signed", { signed: true }],
    ["activation", { activation: "groupmax" }],
  ])("%s is refused by name", (field, change) => {
    const path = copyTo({ folder: `sparsify-${field}/layers.1`, from: "sparsify", names: NAMES });
    const config: unknown = JSON.parse(readFileSync(join(path, "cfg.json"), "utf8"));
    writeFileSync(join(path, "cfg.json"), JSON.stringify(Object.assign({}, config, change)));
    expect(refusal(path).facts.field).toBe(field);
  });

  test("no number of latents means d_in times the expansion factor", () => {
    const path = copyTo({ folder: "sparsify-factor/layers.1", from: "sparsify", names: NAMES });
    const config = { d_in: 24, k: 8, num_latents: 0, expansion_factor: 4 };
    writeFileSync(join(path, "cfg.json"), JSON.stringify(config));
    expect(openDictionary({ path }).latents).toBe(96);
  });
});

describe("a path", () => {
  test("any file of a dictionary opens it", () => {
    for (const name of ["cfg.json", "sae_weights.safetensors"]) {
      expect(openDictionary({ path: `${SAE_DATA}/topk/${name}` }).architecture).toBe("topk");
    }
    expect(openDictionary({ path: `${SAE_DATA}/sparsify/sae.safetensors` }).format).toBe("sparsify");
  });

  test("a folder without a dictionary says what lies in it", () => {
    expect(refusal(SAE_DATA).why).toContain("gemma-scope");
    expect(refusal(`${SAE_DATA}/x.safetensors`).code).toBe("SAE_UNREADABLE");
  });
});
