/** What a GGUF file says about itself, read without loading the weights. Refuses files that are damaged or cut short. */
import { type FileHandle, open } from "node:fs/promises";
import { type GGUFParseOutput, gguf } from "@huggingface/gguf";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import { ggmlTensorBytes, ggmlTypeName } from "./ggml-types.ts";

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
  /** The ggml type of most block matrices, for example `q4_1`. */
  weightType: string;
}

const MAGIC = "GGUF";

const Count = z.union([z.int().nonnegative(), z.bigint().nonnegative().transform(Number)]);
const Tokenizer = z.object({
  "general.name": z.string().optional(),
  "tokenizer.ggml.tokens": z.array(z.string()),
  "tokenizer.ggml.bos_token_id": Count.optional(),
  "tokenizer.ggml.eos_token_id": Count.optional(),
  "tokenizer.chat_template": z.string().optional(),
});

function unreadable({
  path,
  why,
  facts = {},
  cause,
}: {
  path: string;
  why: string;
  facts?: Record<string, unknown>;
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("MODEL_UNREADABLE", {
    what: `${path} can't be read as a model.`,
    why,
    todo: "Give a complete GGUF file; if it was downloaded, download it again.",
    facts: { path, ...facts },
    cause,
  });
}

/** The size of the file, after checking that it begins as a GGUF file does. */
async function checkStart(path: string): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    throw unreadable({ path, why: `It can't be opened: ${messageOf(cause)}.`, cause });
  }
  await using _ = file;
  const stats = await file.stat();
  if (!stats.isFile()) throw unreadable({ path, why: "It is not a file." });
  const start = Buffer.alloc(MAGIC.length);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  if (bytesRead < start.length || start.toString("latin1") !== MAGIC) {
    const hex = start.subarray(0, bytesRead).toString("hex");
    const why = `It begins with the bytes ${hex || "(none)"} and not with 47475546 ("GGUF"); it has ${stats.size} bytes.`;
    throw unreadable({ path, why, facts: { start: hex, fileSize: stats.size } });
  }
  return stats.size;
}

async function parse(path: string, fileSize: number): Promise<GGUFParseOutput> {
  let parsed: GGUFParseOutput;
  try {
    parsed = await gguf(path, { allowLocalFile: true });
  } catch (cause) {
    const why = `Its header is damaged or cut short (the file has ${fileSize} bytes): ${messageOf(cause)}.`;
    throw unreadable({ path, why, facts: { fileSize }, cause });
  }
  // The parser reads zeros past the end of a file, so a header that is cut short shows only here.
  const [, headerEnd] = parsed.tensorInfoByteRange;
  if (headerEnd > fileSize) {
    const why = `Its header needs ${headerEnd} bytes, but the file has only ${fileSize}: it is cut short.`;
    throw unreadable({ path, why, facts: { headerEnd, fileSize } });
  }
  return parsed;
}

function checkExtents({
  path,
  parsed,
  fileSize,
}: {
  path: string;
  parsed: GGUFParseOutput;
  fileSize: number;
}) {
  for (const tensor of parsed.tensorInfos) {
    const bytes = ggmlTensorBytes({ type: tensor.dtype, shape: tensor.shape });
    const end = parsed.tensorDataOffset + tensor.offset + (bytes ?? 0n);
    if (end <= BigInt(fileSize)) continue;
    const why = `Tensor ${tensor.name} ends at byte ${end}, but the file has only ${fileSize} bytes: it is cut short.`;
    throw unreadable({ path, why, facts: { tensor: tensor.name, tensorEnd: Number(end), fileSize } });
  }
}

/** The type of most matrices inside blocks: embeddings and norms are often stored in another one. */
function dominantType(tensors: GGUFParseOutput["tensorInfos"]): string | null {
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
  throw unreadable({ path, why, facts: { keys } });
}

/**
 * Reads the header of a GGUF file and checks that all tensors lie inside the file.
 * Throws MODEL_UNREADABLE, with the byte facts, for a file that is missing, damaged, cut short or not a language model.
 */
export async function readGgufInfo({ path }: { path: string }): Promise<GgufInfo> {
  const fileSize = await checkStart(path);
  const parsed = await parse(path, fileSize);
  checkExtents({ path, parsed, fileSize });
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
  const weightType = dominantType(parsed.tensorInfos);
  if (weightType === null) throw unreadable({ path, why: "It has no matrix named blk.<n>.<part>.weight." });
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
    weightType,
  };
}
