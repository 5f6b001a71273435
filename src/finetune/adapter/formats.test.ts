/** What is written in either format is read back to the last bit, and what is more than plain LoRA is refused by name. */
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { adapters, HEADS, writeTinyModel } from "../../../test/support/tiny-adapter.ts";
import { tinyGguf } from "../../../test/support/tiny-gguf.ts";
import { openSafetensors } from "../../sae/safetensors.ts";
import { writeSafetensors } from "../../sae/write-safetensors.ts";
import type { LoraFactors, MatrixName } from "../types.ts";
import { type BaseModel, readBaseModel } from "./base-model.ts";
import { adapterOf, type LoraAdapter } from "./lora-adapter.ts";
import { readAdapter } from "./read-adapter.ts";
import { readGgufLora } from "./read-gguf.ts";
import { readPeft } from "./read-peft.ts";
import { resolveAdapter } from "./resolve-adapter.ts";
import { writeGgufLora } from "./write-gguf.ts";
import { writePeft } from "./write-peft.ts";

let folder: TemporaryFolder;
let llama: BaseModel;
let qwen2: BaseModel;
const file = (name: string) => path.join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel({ path: file("llama.gguf") });
  await writeTinyModel({ path: file("qwen2.gguf"), architecture: "qwen2" });
  llama = await readBaseModel({ path: file("llama.gguf") });
  qwen2 = await readBaseModel({ path: file("qwen2.gguf") });
});

afterAll(() => folder[Symbol.asyncDispose]());

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => i);

function small(parts: Partial<LoraFactors> = {}): LoraAdapter {
  const factors = [{ layer: 1, matrix: "attn_q" as const, a: ramp(32), b: ramp(32), ...parts }];
  return adapterOf({ factors, rank: 2, alpha: 4, dropout: 0.25 });
}

async function writeSmall(name: string, { shape, factors } = small()): Promise<string> {
  const dir = file(name);
  await writePeft({ dir, factors, shape, baseModel: "tiny", model: llama });
  return dir;
}

test("an adapter that went to GGUF, to PEFT and back is the same to the last bit, and so is the file", async () => {
  await fc.assert(
    fc.asyncProperty(adapters, fc.constantFrom("llama", "qwen2"), async (adapter, name) => {
      const model = name === "llama" ? llama : qwen2;
      const { architecture } = model;
      const [first, second, dir] = [file("first.gguf"), file("second.gguf"), file(`peft-${name}`)];
      await writeGgufLora({ path: first, ...adapter, architecture });
      const read = await readGgufLora({ path: first });
      expect(read).toEqual({ ...adapter, architecture });
      await writePeft({ dir, ...read, baseModel: "tiny", model });
      const back = await readPeft({ dir, model });
      expect(back).toEqual(adapter);
      await writeGgufLora({ path: second, ...back, architecture });
      expect(await readFile(second)).toEqual(await readFile(first));
    }),
    { numRuns: 40 },
  );
});

test("as f16 every number is the nearest half", async () => {
  await fc.assert(
    fc.asyncProperty(adapters, async (adapter) => {
      const small = adapter.factors.map((each) => ({
        ...each,
        a: each.a.map(Math.tanh),
        b: each.b.map(Math.tanh),
      }));
      await writeGgufLora({
        path: file("half.gguf"),
        shape: adapter.shape,
        factors: small,
        architecture: "llama",
        type: "f16",
      });
      const { factors } = await readGgufLora({ path: file("half.gguf") });
      expect(factors.map(({ b }) => b)).toEqual(small.map(({ b }) => b.map(Math.f16round)));
    }),
    { numRuns: 10 },
  );
});

describe("PEFT's folder", () => {
  test("has transformers' names and row order, and the configuration says what is adapted", async () => {
    const dir = await writeSmall("names");
    using tensors = opened(path.join(dir, "adapter_model.safetensors"));
    const module = "base_model.model.model.layers.1.self_attn.q_proj";
    expect(tensors.file.info(`${module}.lora_A.weight`).shape).toEqual([2, 16]);
    const rows = tensors.file.readTensor(`${module}.lora_B.weight`).filter((_, i) => i % 2 === 0);
    // heads of four rows: GGUF's rows 0 2 1 3 are transformers' 0 1 2 3
    expect([...rows.slice(0, 8)].map((value) => value / 2)).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(JSON.parse(await readFile(path.join(dir, "adapter_config.json"), "utf8"))).toMatchObject({
      peft_type: "LORA",
      base_model_name_or_path: "tiny",
      r: 2,
      lora_alpha: 4,
      lora_dropout: 0.25,
      target_modules: ["q_proj"],
      layers_to_transform: [1],
    });
  });

  test("rsLoRA's scale is kept", async () => {
    const dir = await writeSmall("rslora");
    await patch(dir, { use_rslora: true });
    const { shape } = await readPeft({ dir, model: llama });
    expect(shape.alpha / shape.rank).toBeCloseTo(4 / Math.sqrt(2), 6);
  });

  test.each([
    ["use_dora", true],
    ["bias", "all"],
    ["bias", "lora_only"],
    ["lora_bias", true],
    ["modules_to_save", ["lm_head"]],
    ["rank_pattern", { q_proj: 4 }],
    ["alpha_pattern", { q_proj: 4 }],
    ["fan_in_fan_out", true],
    ["layer_replication", [[0, 1]]],
    ["trainable_token_indices", [1, 2]],
    ["init_lora_weights", "pissa_niter_16"],
  ])("%s = %j is refused by name", async (field, value) => {
    const dir = await writeSmall(`refused-${field}`);
    await patch(dir, { [field]: value });
    await expect(readPeft({ dir, model: llama })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      why: expect.stringContaining(field),
    });
  });

  test.each([
    ["another kind of adapter", { peft_type: "IA3" }],
    ["no rank", { r: 0 }],
    ["an alpha that is no number", { lora_alpha: "4" }],
    ["another rank than the weights", { r: 4 }],
  ])("%s is unreadable", async (_, change) => {
    const dir = await writeSmall("unreadable");
    await patch(dir, change);
    await expect(readPeft({ dir, model: llama })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });

  test("a tensor of something else is refused by name", async () => {
    const dir = await writeSmall("embedding");
    const name = "base_model.model.lm_head.lora_A.weight";
    const tensors = { [name]: { shape: [2, 2], data: ramp(4) } };
    await writeSafetensors({ path: path.join(dir, "adapter_model.safetensors"), tensors });
    await expect(readPeft({ dir, model: llama })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      facts: { tensor: name },
    });
  });

  test("damaged weights, half a pair and numbers that are not finite are unreadable", async () => {
    const dir = await writeSmall("damaged");
    const weights = path.join(dir, "adapter_model.safetensors");
    await truncate(weights, 100);
    await expect(readPeft({ dir, model: llama })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    const name = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";
    await writeSafetensors({ path: weights, tensors: { [name]: { shape: [2, 16], data: ramp(32) } } });
    await expect(readPeft({ dir, model: llama })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    const nan = await writeSmall("nan", small({ a: ramp(32).fill(Number.NaN, 3, 4) }));
    await expect(readPeft({ dir: nan, model: llama })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });

  test("a folder without an adapter, and nothing at all, are told apart from one", async () => {
    await mkdir(file("empty"), { recursive: true });
    for (const name of ["empty", "nowhere"]) {
      const reading = readAdapter({ path: file(name), model: llama });
      await expect(reading).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    }
  });
});

describe("a GGUF file", () => {
  test("that is a model, or no GGUF at all, is no adapter", async () => {
    await writeFile(file("words.gguf"), "not an adapter");
    for (const name of ["llama.gguf", "words.gguf"]) {
      await expect(readGgufLora({ path: file(name) })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    }
  });

  test("that is cut short is unreadable", async () => {
    const { shape, factors } = small();
    await writeGgufLora({ path: file("cut.gguf"), shape, factors, architecture: "llama" });
    await truncate(file("cut.gguf"), 400);
    await expect(readGgufLora({ path: file("cut.gguf") })).rejects.toMatchObject({
      code: "MODEL_UNREADABLE",
    });
  });

  test("with a norm or another rank in it is refused", async () => {
    const tensor = (name: string, shape: number[]) => ({
      name,
      shape,
      type: 0,
      bytes: Buffer.alloc(4 * shape.reduce((product, size) => product * size, 1)),
    });
    const metadata = { "general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora" };
    const pair = (layer: number, rank: number) => [
      tensor(`blk.${layer}.attn_q.weight.lora_a`, [16, rank]),
      tensor(`blk.${layer}.attn_q.weight.lora_b`, [rank, 16]),
    ];
    const cases = [
      [...pair(0, 2), tensor("blk.0.attn_norm.weight", [16])],
      [...pair(0, 2), ...pair(1, 3)],
    ];
    for (const tensors of cases) {
      await writeFile(file("odd.gguf"), tinyGguf({ metadata, tensors }));
      await expect(readGgufLora({ path: file("odd.gguf") })).rejects.toMatchObject({
        code: "MODEL_UNSUPPORTED",
      });
    }
    await writeFile(file("plain.gguf"), tinyGguf({ metadata, tensors: pair(0, 2) }));
    // llama.cpp scales by 1 where the file has no alpha
    expect((await readGgufLora({ path: file("plain.gguf") })).shape).toMatchObject({ rank: 2, alpha: 2 });
  });
});

describe("resolving", () => {
  const cacheDir = () => file("cache");

  test("a GGUF file and the PEFT folder that it was made with have one hash, and a folder is converted once", async () => {
    const adapter = small();
    const dir = await writeSmall("resolved", adapter);
    await writeGgufLora({ path: file("resolved.gguf"), ...adapter, architecture: "llama" });
    const options = { model: llama.path, cacheDir: cacheDir() };
    const direct = await resolveAdapter({ path: file("resolved.gguf"), ...options });
    const once = await resolveAdapter({ path: dir, ...options });
    const twice = await resolveAdapter({ path: dir, ...options });
    expect(direct.path).toBe(file("resolved.gguf"));
    expect(once.hash).toBe(direct.hash);
    expect(twice).toEqual(once);
    await truncate(once.path, 50);
    expect(await resolveAdapter({ path: dir, ...options })).toEqual(once);
  });

  test.each<[string, Partial<LoraFactors>]>([
    ["another width", { a: ramp(64) }],
    ["more blocks", { layer: 7 }],
    ["another matrix's rows", { b: ramp(16) }],
  ])("an adapter of a model with %s is refused", async (_, parts) => {
    const adapter = small(parts);
    await writeGgufLora({ path: file("foreign.gguf"), ...adapter, architecture: "llama" });
    const options = { model: llama.path, cacheDir: cacheDir() };
    for (const each of [file("foreign.gguf"), await writeSmall("foreign", adapter)]) {
      await expect(resolveAdapter({ path: each, ...options })).rejects.toMatchObject({
        code: "ADAPTER_MISMATCH",
      });
    }
  });

  test("an adapter of another architecture is refused, and so is a model whose rows are not known", async () => {
    await writeGgufLora({ path: file("other.gguf"), ...small(), architecture: "qwen2" });
    const options = { path: file("other.gguf"), cacheDir: cacheDir() };
    await expect(resolveAdapter({ ...options, model: llama.path })).rejects.toMatchObject({
      code: "ADAPTER_MISMATCH",
    });
    await writeTinyModel({ path: file("falcon.gguf"), architecture: "falcon" });
    await expect(resolveAdapter({ ...options, model: file("falcon.gguf") })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
    });
  });
});

test("keys have their own number of heads", () => {
  expect(llama.heads).toEqual(HEADS);
  const matrices: MatrixName[] = ["attn_q", "attn_k"];
  for (const matrix of matrices) expect(llama.matrix({ layer: 0, matrix })).toBeDefined();
  expect(llama.matrix({ layer: 9, matrix: "attn_q" })).toBeUndefined();
});

async function patch(dir: string, change: Record<string, unknown>): Promise<void> {
  const config = path.join(dir, "adapter_config.json");
  const old: unknown = JSON.parse(await readFile(config, "utf8"));
  await writeFile(config, JSON.stringify({ ...(typeof old === "object" ? old : {}), ...change }));
}

function opened(name: string) {
  const tensors = openSafetensors({ path: name });
  return { file: tensors, [Symbol.dispose]: () => tensors.close() };
}
