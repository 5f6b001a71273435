/** `tokenizer.json` and `tokenizer_config.json` from the metadata of a GGUF file with a byte-level BPE vocabulary. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import type { GgufTensors } from "../../model/gguf-tensors.ts";

/** How text is cut before merges, by the name that llama.cpp has for it. */
interface Splitting {
  steps: Record<string, unknown>[];
  normalizer: Record<string, unknown> | null;
  /** A piece that is a token is taken whole, whatever the merges say. */
  ignoreMerges: boolean;
}

const byteLevel = (useRegex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const split = (pattern: string) => ({
  type: "Split",
  pattern: { Regex: pattern },
  behavior: "Isolated",
  invert: false,
});
/** The pattern of GPT-4's descendants; they differ in how many digits make a piece. */
const modern = (digits: string) =>
  split(
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  );

const SPLITTINGS: Readonly<Record<string, Splitting>> = {
  "gpt-2": { steps: [byteLevel(true)], normalizer: null, ignoreMerges: false },
  smollm: {
    steps: [{ type: "Digits", individual_digits: true }, byteLevel(true)],
    normalizer: null,
    ignoreMerges: false,
  },
  "llama-bpe": {
    steps: [modern(String.raw`\p{N}{1,3}`), byteLevel(false)],
    normalizer: null,
    ignoreMerges: true,
  },
  qwen2: {
    steps: [modern(String.raw`\p{N}`), byteLevel(false)],
    normalizer: { type: "NFC" },
    ignoreMerges: false,
  },
};

/** ggml's kinds of tokens. */
const CONTROL = 3;
const USER_DEFINED = 4;

const id = z.int().nonnegative().optional();
const metadataSchema = z.object({
  "tokenizer.ggml.model": z.string(),
  "tokenizer.ggml.pre": z.string().optional(),
  "tokenizer.ggml.tokens": z.array(z.string()),
  "tokenizer.ggml.token_type": z.array(z.number()),
  "tokenizer.ggml.merges": z.array(z.string()).optional(),
  "tokenizer.ggml.bos_token_id": id,
  "tokenizer.ggml.eos_token_id": id,
  "tokenizer.ggml.unknown_token_id": id,
  "tokenizer.ggml.padding_token_id": id,
  "tokenizer.ggml.add_bos_token": z.boolean().optional(),
  "tokenizer.chat_template": z.string().optional(),
});

export interface TokenizerFiles {
  tokenizer: Record<string, unknown>;
  config: Record<string, unknown>;
}

/** Throws MODEL_UNSUPPORTED for another kind of vocabulary, or another way to cut text. */
export function tokenizerFiles({
  tensors: { metadata, path },
  contextLength,
}: {
  tensors: Pick<GgufTensors, "metadata" | "path">;
  contextLength: number;
}): TokenizerFiles {
  const parsed = metadataSchema.safeParse(metadata);
  const kind = String(metadata["tokenizer.ggml.model"]);
  const cut = String(metadata["tokenizer.ggml.pre"]);
  const splitting = SPLITTINGS[cut];
  const merges = parsed.data?.["tokenizer.ggml.merges"];
  if (!parsed.success || kind !== "gpt2" || splitting === undefined || merges === undefined) {
    throw new CountersteerError("MODEL_UNSUPPORTED", {
      what: `The tokenizer of ${path} can't be written in Hugging Face's format.`,
      why: `Its vocabulary is "${kind}" and text is cut as "${cut}"; written are byte-level BPE ("gpt2") cut as ${Object.keys(SPLITTINGS).join(", ")}.`,
      todo: "Take the model from where its makers published it.",
      facts: { path, model: kind, pre: cut },
    });
  }
  const facts = parsed.data;
  const tokens = facts["tokenizer.ggml.tokens"];
  const types = facts["tokenizer.ggml.token_type"];
  const text = (index: number | undefined) => (index === undefined ? null : (tokens[index] ?? null));
  const bos = text(facts["tokenizer.ggml.bos_token_id"]);
  const addsBos = facts["tokenizer.ggml.add_bos_token"] === true && bos !== null;
  const added = tokens.flatMap((content, index) => {
    const type = types[index];
    return type === CONTROL || type === USER_DEFINED ? [addedToken(index, content, type === CONTROL)] : [];
  });
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: splitting.normalizer,
      pre_tokenizer:
        splitting.steps.length === 1
          ? splitting.steps[0]
          : { type: "Sequence", pretokenizers: splitting.steps },
      post_processor: addsBos
        ? template(bos, facts["tokenizer.ggml.bos_token_id"] ?? 0)
        : { type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true },
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: splitting.ignoreMerges,
        vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
        merges: merges.map((pair) => pair.split(" ")),
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: bos,
      eos_token: text(facts["tokenizer.ggml.eos_token_id"]),
      unk_token: text(facts["tokenizer.ggml.unknown_token_id"]),
      pad_token: text(facts["tokenizer.ggml.padding_token_id"]),
      add_bos_token: addsBos,
      add_prefix_space: false,
      clean_up_tokenization_spaces: false,
      model_max_length: contextLength,
      ...(facts["tokenizer.chat_template"] === undefined
        ? {}
        : { chat_template: facts["tokenizer.chat_template"] }),
    },
  };
}

function addedToken(index: number, content: string, special: boolean): Record<string, unknown> {
  return {
    id: index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  };
}

/** Plain text begins with the BOS token. */
function template(bos: string, index: number): Record<string, unknown> {
  const first = { SpecialToken: { id: bos, type_id: 0 } };
  const sequence = (name: string, type: number) => ({ Sequence: { id: name, type_id: type } });
  return {
    type: "TemplateProcessing",
    single: [first, sequence("A", 0)],
    pair: [first, sequence("A", 0), { SpecialToken: { id: bos, type_id: 1 } }, sequence("B", 1)],
    special_tokens: { [bos]: { id: bos, ids: [index], tokens: [bos] } },
  };
}
