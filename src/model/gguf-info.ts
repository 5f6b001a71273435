/** What a GGUF file says about itself, read without loading the weights. Refuses files that are damaged or cut short. */
import type { GGUFTensorInfo } from "@huggingface/gguf";
import { z } from "zod";
import { ggmlTypeName } from "./ggml-types.ts";
import { readGgufHeader, unreadableGguf } from "./gguf-header.ts";

export interface GgufInfo {
  path: string;
  /** Bytes. */
  fileSize: number;
  architecture: string;
  name: string;
  /** Transformer blocks. */
  layers: number;
  dModel: number;
  vocabulary: number;
  contextLength: number;
  chatTemplate: string | null;
  /** Empty if the file names no such token. */
  bosText: string;
  eosText: string;
  /** Texts that the tokenizer reads as one control token each. */
  controlTexts: readonly string[];
  /** The ggml type of most block matrices, for example `q4_1`. */
  weightType: string;
}

/** ggml's token types that are recognised in text but are no text: unknown and control. */
const CONTROL_TYPES = [2, 3];

const Count = z.union([z.int().nonnegative(), z.bigint().nonnegative().transform(Number)]);
const Tokenizer = z.object({
  "general.name": z.string().optional(),
  "tokenizer.ggml.tokens": z.array(z.string()),
  "tokenizer.ggml.token_type": z.array(z.number()).optional(),
  "tokenizer.ggml.bos_token_id": Count.optional(),
  "tokenizer.ggml.eos_token_id": Count.optional(),
  "tokenizer.chat_template": z.string().optional(),
});

/** The type of most matrices inside blocks: embeddings and norms are often stored in another one. */
function dominantType(tensors: readonly GGUFTensorInfo[]): string | null {
  const counts = new Map<number, number>();
  for (const { name, n_dims, dtype } of tensors) {
    if (n_dims >= 2 && /^blk\.\d+\..*\.weight$/.test(name)) counts.set(dtype, (counts.get(dtype) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first === undefined ? null : ggmlTypeName(first[0]);
}

/** Checks a part of the metadata; MODEL_UNREADABLE names the key that is missing or of the wrong kind. */
function read<T>({ path, metadata, schema }: { path: string; metadata: unknown; schema: z.ZodType<T> }): T {
  const result = schema.safeParse(metadata);
  if (result.success) return result.data;
  const keys = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
  const why = `It lacks the metadata of a language model: ${keys.join(", ")} missing or not of the expected kind.`;
  throw unreadableGguf({ path, why, facts: { keys } });
}

/**
 * Reads the header of a GGUF file and checks that all tensors lie inside the file.
 * Throws MODEL_UNREADABLE, with the byte facts, for a file that is missing, damaged, cut short or not a language model.
 */
export async function readGgufInfo({ path }: { path: string }): Promise<GgufInfo> {
  const { fileSize, tensorInfos, ...parsed } = await readGgufHeader({ path });
  const metadata: unknown = parsed.metadata;
  const architectureKey = "general.architecture";
  const { [architectureKey]: architecture } = read({
    path,
    metadata,
    schema: z.object({ [architectureKey]: z.string() }),
  });
  const key = (name: string) => `${architecture}.${name}`;
  const counts = read({
    path,
    metadata,
    schema: z.object({
      [key("block_count")]: Count,
      [key("embedding_length")]: Count,
      [key("context_length")]: Count,
    }),
  });
  const tokenizer = read({ path, metadata, schema: Tokenizer });
  const weightType = dominantType(tensorInfos);
  if (weightType === null)
    throw unreadableGguf({ path, why: "It has no matrix named blk.<n>.<part>.weight." });
  const tokens = tokenizer["tokenizer.ggml.tokens"];
  return {
    path,
    fileSize,
    architecture,
    name: tokenizer["general.name"] ?? architecture,
    layers: counts[key("block_count")] ?? 0,
    dModel: counts[key("embedding_length")] ?? 0,
    vocabulary: tokens.length,
    contextLength: counts[key("context_length")] ?? 0,
    chatTemplate: tokenizer["tokenizer.chat_template"] ?? null,
    bosText: tokens[tokenizer["tokenizer.ggml.bos_token_id"] ?? -1] ?? "",
    eosText: tokens[tokenizer["tokenizer.ggml.eos_token_id"] ?? -1] ?? "",
    controlTexts: controlTexts({ tokens, types: tokenizer["tokenizer.ggml.token_type"] ?? [] }),
    weightType,
  };
}

function controlTexts({ tokens, types }: { tokens: readonly string[]; types: readonly number[] }): string[] {
  return tokens.filter((text, i) => text !== "" && CONTROL_TYPES.includes(types[i] ?? 0));
}
