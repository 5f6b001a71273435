/** Whole models that llama.cpp loads and runs in no time: one block, made weights, and a vocabulary of bytes with a family's control tokens. */
import { MATRIX_NAMES, type MatrixName } from "../../src/finetune/types.ts";
import { type GgufValue, type TinyTensor, tinyGguf } from "./tiny-gguf.ts";

const WIDTH = 32;
const HIDDEN = 64;
/** Of the matrices that can be adapted. */
export const TINY_SIZES: Readonly<Record<MatrixName, { inputs: number; outputs: number }>> = {
  attn_q: { inputs: WIDTH, outputs: WIDTH },
  attn_k: { inputs: WIDTH, outputs: WIDTH },
  attn_v: { inputs: WIDTH, outputs: WIDTH },
  attn_output: { inputs: WIDTH, outputs: WIDTH },
  ffn_gate: { inputs: WIDTH, outputs: HIDDEN },
  ffn_up: { inputs: WIDTH, outputs: HIDDEN },
  ffn_down: { inputs: HIDDEN, outputs: WIDTH },
};
const TYPES = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 };

export interface Family {
  /** `gpt2` is byte-level BPE, `llama` sentencepiece with byte fallback. */
  tokenizer: "gpt2" | "llama";
  /** Control tokens; the first is BOS, the second ends a turn. */
  control: readonly string[];
  /** Tokens that the vocabulary calls ordinary text, but that a tokenizer never splits. */
  userDefined?: readonly string[];
  template: string;
}

const TURNS =
  "{{ bos_token }}{% for m in messages %}OPEN{{ m.role }}CLOSE{{ m.content | trim }}END{% endfor %}{% if add_generation_prompt %}OPENassistantCLOSE{% endif %}";

function turns(open: string, close: string, end: string): string {
  return TURNS.replaceAll("OPEN", `{{ ${JSON.stringify(open)} }}`)
    .replaceAll("CLOSE", `{{ ${JSON.stringify(close)} }}`)
    .replaceAll("END", `{{ ${JSON.stringify(end)} }}`);
}

/** Control tokens and turns as the families write them. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  ChatML: {
    tokenizer: "gpt2",
    control: ["<|endoftext|>", "<|im_end|>", "<|im_start|>"],
    template: turns("<|im_start|>", "\n", "<|im_end|>\n"),
  },
  "Llama 3": {
    tokenizer: "gpt2",
    control: [
      "<|begin_of_text|>",
      "<|eot_id|>",
      "<|start_header_id|>",
      "<|end_header_id|>",
      "<|python_tag|>",
    ],
    template: turns("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>"),
  },
  Qwen: {
    tokenizer: "gpt2",
    control: ["<|endoftext|>", "<|im_end|>", "<|im_start|>", "<|vision_start|>"],
    userDefined: ["<think>", "</think>"],
    template: `${turns("<|im_start|>", "\n", "<|im_end|>\n")}{% if false %}<think></think>{% endif %}`,
  },
  Gemma: {
    tokenizer: "llama",
    control: ["<bos>", "<end_of_turn>", "<start_of_turn>", "<eos>"],
    template: turns("<start_of_turn>", "\n", "<end_of_turn>\n"),
  },
  "Gemma, whose vocabulary calls the marks text": {
    tokenizer: "llama",
    control: ["<bos>", "<eos>"],
    userDefined: ["<start_of_turn>", "<end_of_turn>"],
    template: turns("<start_of_turn>", "\n", "<end_of_turn>\n"),
  },
};

/** GPT-2's letters for bytes, in the order of bytes. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const shown = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(shown ? byte : next++);
  });
}

function vocabulary({ tokenizer, control, userDefined = [] }: Family): { tokens: string[]; types: number[] } {
  const bytes =
    tokenizer === "gpt2"
      ? byteLetters().map((text) => [text, TYPES.normal] as const)
      : [
          ...Array.from(
            { length: 256 },
            (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, TYPES.byte] as const,
          ),
          ...Array.from({ length: 94 }, (_, i) => [String.fromCodePoint(33 + i), TYPES.normal] as const),
          ...["▁", "\n"].map((text) => [text, TYPES.normal] as const),
        ];
  const all = [
    ["<unk>", TYPES.unknown] as const,
    ...control.map((text) => [text, TYPES.control] as const),
    ...userDefined.map((text) => [text, TYPES.userDefined] as const),
    ...bytes,
  ];
  return { tokens: all.map(([text]) => text), types: all.map(([, type]) => type) };
}

/** Its turns are words, which no token tells from a message's own. */
export const WORDED: Family = {
  tokenizer: "llama",
  control: ["<s>", "</s>"],
  template: "{{ bos_token }}{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}",
};

/** The bytes of a GGUF file. Float32 weights that differ and are small. */
export function tinyModel(family: Family): Buffer {
  const { tokens, types } = vocabulary(family);
  const metadata: Record<string, GgufValue> = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "llama.block_count": 1,
    "llama.embedding_length": WIDTH,
    "llama.context_length": 256,
    "llama.feed_forward_length": HIDDEN,
    "llama.attention.head_count": 2,
    "llama.attention.head_count_kv": 2,
    "llama.attention.layer_norm_rms_epsilon": { float32: 1e-5 },
    "llama.vocab_size": tokens.length,
    "tokenizer.ggml.model": family.tokenizer,
    "tokenizer.ggml.pre": "default",
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": { int32s: types },
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.unknown_token_id": 0,
    "tokenizer.chat_template": family.template,
    ...(family.tokenizer === "gpt2"
      ? { "tokenizer.ggml.merges": ["h e", "l l"] }
      : {
          "tokenizer.ggml.add_space_prefix": false,
          "tokenizer.ggml.scores": { float32s: tokens.map((_, i) => -i) },
        }),
  };
  return tinyGguf({ metadata, tensors: tensorsOf(tokens.length) });
}

function tensorsOf(vocabularySize: number): TinyTensor[] {
  let drawn = 0;
  const tensor = (name: string, ...shape: number[]): TinyTensor => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: count }, () => Math.sin(drawn++) / 8);
    return { name, shape, type: 0, bytes: Buffer.from(values.buffer) };
  };
  return [
    tensor("token_embd.weight", WIDTH, vocabularySize),
    tensor("output_norm.weight", WIDTH),
    tensor("output.weight", WIDTH, vocabularySize),
    tensor("blk.0.attn_norm.weight", WIDTH),
    tensor("blk.0.ffn_norm.weight", WIDTH),
    ...MATRIX_NAMES.map((name) =>
      tensor(`blk.0.${name}.weight`, TINY_SIZES[name].inputs, TINY_SIZES[name].outputs),
    ),
  ];
}
