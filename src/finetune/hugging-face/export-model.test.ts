import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type GgufValue, type TinyTensor, tinyGguf } from "../../../test/support/tiny-gguf.ts";
import { openSafetensors } from "../../sae/safetensors.ts";
import { exportModel } from "./export-model.ts";

const D = 8;
const HEADS = 2;

const METADATA: Record<string, GgufValue> = {
  "general.architecture": "llama",
  "llama.block_count": 1,
  "llama.embedding_length": D,
  "llama.feed_forward_length": 16,
  "llama.attention.head_count": HEADS,
  "llama.attention.head_count_kv": 1,
  "llama.context_length": 64,
  "llama.attention.layer_norm_rms_epsilon": { float32: 1e-5 },
  "llama.rope.freq_base": { float32: 10000 },
  "llama.rope.dimension_count": D / HEADS,
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.pre": "smollm",
  "tokenizer.ggml.tokens": ["<|end|>", "a", "b", "ab"],
  "tokenizer.ggml.token_type": { int32s: [3, 1, 1, 1] },
  "tokenizer.ggml.merges": ["a b"],
  "tokenizer.ggml.bos_token_id": 0,
  "tokenizer.ggml.eos_token_id": 0,
  "tokenizer.chat_template": "{{ messages[0].content }}",
};

/** Every number of a tensor says where it stands: row + column / 64. */
function matrix(name: string, rows: number, columns: number): TinyTensor {
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => Math.floor(i / columns) + (i % columns) / 64,
  );
  return {
    name,
    shape: rows === 0 ? [columns] : [columns, rows],
    type: 0,
    bytes: Buffer.from(values.buffer),
  };
}

function vector(name: string): TinyTensor {
  return { name, shape: [D], type: 0, bytes: Buffer.from(new Float32Array(D).fill(1.5).buffer) };
}

const TENSORS: TinyTensor[] = [
  matrix("token_embd.weight", 4, D),
  vector("output_norm.weight"),
  vector("blk.0.attn_norm.weight"),
  vector("blk.0.ffn_norm.weight"),
  matrix("blk.0.attn_q.weight", D, D),
  matrix("blk.0.attn_k.weight", D / HEADS, D),
  matrix("blk.0.attn_v.weight", D / HEADS, D),
  matrix("blk.0.attn_output.weight", D, D),
  matrix("blk.0.ffn_gate.weight", 16, D),
  matrix("blk.0.ffn_up.weight", 16, D),
  matrix("blk.0.ffn_down.weight", D, 16),
];

async function exported({
  metadata = METADATA,
  tensors = TENSORS,
  type = "float32",
}: {
  metadata?: Record<string, GgufValue>;
  tensors?: TinyTensor[];
  type?: "float32" | "bfloat16";
}) {
  const folder = await temporaryFolder();
  const model = join(folder.path, "model.gguf");
  await writeFile(model, tinyGguf({ metadata, tensors }));
  const out = join(folder.path, "out");
  try {
    await exportModel({ model, folder: out, type, provenance: { from: "test" } });
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  const json = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(out, name), "utf8"));
  return { folder, weights: openSafetensors({ path: join(out, "model.safetensors") }), json };
}

test("rows of queries and keys go back from neighbours to halves, and nothing else moves", async () => {
  const { folder, weights } = await exported({});
  await using _ = folder;
  const firstOfRow = (name: string, row: number) => weights.readTensor(name)[row * D];
  const order = (name: string, rows: number) =>
    Array.from({ length: rows }, (_, row) => firstOfRow(name, row));
  expect(order("model.layers.0.self_attn.q_proj.weight", D)).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  expect(order("model.layers.0.self_attn.k_proj.weight", 4)).toEqual([0, 2, 1, 3]);
  expect(order("model.layers.0.self_attn.v_proj.weight", 4)).toEqual([0, 1, 2, 3]);
  expect(order("model.layers.0.self_attn.o_proj.weight", D)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("every tensor has its place, its shape and its numbers; embeddings are tied where the file has no output", async () => {
  const { folder, weights, json } = await exported({});
  await using _ = folder;
  expect([...weights.tensors.keys()].sort()).toEqual(
    [
      "model.embed_tokens.weight",
      "model.norm.weight",
      ...["input_layernorm", "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"].map(
        (part) => `model.layers.0.${part}.weight`,
      ),
      ...["q", "k", "v", "o"].map((part) => `model.layers.0.self_attn.${part}_proj.weight`),
    ].sort(),
  );
  expect(weights.tensors.get("model.layers.0.mlp.down_proj.weight")?.shape).toEqual([D, 16]);
  expect(weights.tensors.get("model.norm.weight")?.shape).toEqual([D]);
  expect(await json("config.json")).toMatchObject({
    architectures: ["LlamaForCausalLM"],
    tie_word_embeddings: true,
    num_key_value_heads: 1,
    head_dim: 4,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    vocab_size: 4,
    torch_dtype: "float32",
  });
});

test("as bfloat16 the numbers are rounded to it", async () => {
  const { folder, weights } = await exported({ type: "bfloat16" });
  await using _ = folder;
  const name = "model.layers.0.mlp.gate_proj.weight";
  expect(weights.tensors.get(name)?.dtype).toBe("BF16");
  const wanted = Float32Array.from({ length: 16 * D }, (_, i) => Math.floor(i / D) + (i % D) / 64);
  weights.readTensor(name).forEach((value, i) => {
    expect(Math.abs(value - (wanted[i] ?? 0))).toBeLessThanOrEqual((wanted[i] ?? 0) * 2 ** -8);
  });
});

test("the tokenizer has its vocabulary, merges, control tokens and chat template", async () => {
  const { folder, json } = await exported({});
  await using _ = folder;
  expect(await json("tokenizer.json")).toMatchObject({
    added_tokens: [{ id: 0, content: "<|end|>", special: true }],
    model: { type: "BPE", vocab: { "<|end|>": 0, a: 1, b: 2, ab: 3 }, merges: [["a", "b"]] },
  });
  expect(await json("tokenizer_config.json")).toMatchObject({
    eos_token: "<|end|>",
    chat_template: "{{ messages[0].content }}",
  });
});

const refused: [string, Parameters<typeof exported>[0], RegExp][] = [
  ["another architecture", { metadata: { ...METADATA, "general.architecture": "mamba" } }, /mamba/],
  ["a tensor without a place", { tensors: [...TENSORS, vector("blk.0.ssm_a.weight")] }, /ssm_a/],
  ["stretched positions", { tensors: [...TENSORS, vector("rope_freqs.weight")] }, /stretches positions/],
  [
    "a vocabulary of pieces",
    { metadata: { ...METADATA, "tokenizer.ggml.model": "llama" } },
    /vocabulary is "llama"/,
  ],
  ["an unknown way to cut text", { metadata: { ...METADATA, "tokenizer.ggml.pre": "tekken" } }, /tekken/],
];
test.each(refused)("refused: %s", async (_, options, says) => {
  await expect(exported(options)).rejects.toMatchObject({
    code: "MODEL_UNSUPPORTED",
    message: expect.stringMatching(says),
  });
});
