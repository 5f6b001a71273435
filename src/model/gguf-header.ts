/** The header of a GGUF file: metadata and where the tensors lie. Refuses files that are damaged or cut short. */
import { type FileHandle, open } from "node:fs/promises";
import { type GGUFParseOutput, type GGUFTypedMetadata, gguf } from "@huggingface/gguf";
import { CountersteerError, messageOf } from "../errors.ts";
import { ggmlTensorBytes } from "./ggml-types.ts";
import { checkGgufBounds } from "./gguf-bounds.ts";

export interface GgufHeader extends GGUFParseOutput {
  typedMetadata: GGUFTypedMetadata;
  fileSize: number;
}

const MAGIC = "GGUF";

export function unreadableGguf({
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
    throw unreadableGguf({ path, why: `It can't be opened: ${messageOf(cause)}.`, cause });
  }
  await using _ = file;
  const stats = await file.stat();
  if (!stats.isFile()) throw unreadableGguf({ path, why: "It is not a file." });
  const start = Buffer.alloc(MAGIC.length);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  if (bytesRead < start.length || start.toString("latin1") !== MAGIC) {
    const hex = start.subarray(0, bytesRead).toString("hex");
    const why = `It begins with the bytes ${hex || "(none)"} and not with 47475546 ("GGUF"); it has ${stats.size} bytes.`;
    throw unreadableGguf({ path, why, facts: { start: hex, fileSize: stats.size } });
  }
  return stats.size;
}

async function parse(path: string, fileSize: number): Promise<GgufHeader> {
  let parsed: Omit<GgufHeader, "fileSize">;
  try {
    checkGgufBounds({ path, fileSize });
    parsed = await gguf(path, { allowLocalFile: true, typedMetadata: true });
  } catch (cause) {
    const why = `Its header is damaged or cut short (the file has ${fileSize} bytes): ${messageOf(cause)}.`;
    throw unreadableGguf({ path, why, facts: { fileSize }, cause });
  }
  // The parser reads zeros past the end of a file, so a header that is cut short shows only here.
  const [, headerEnd] = parsed.tensorInfoByteRange;
  if (headerEnd > fileSize) {
    const why = `Its header needs ${headerEnd} bytes, but the file has only ${fileSize}: it is cut short.`;
    throw unreadableGguf({ path, why, facts: { headerEnd, fileSize } });
  }
  return { ...parsed, fileSize };
}

function checkExtents({
  path,
  header: { tensorInfos, tensorDataOffset, fileSize },
}: {
  path: string;
  header: GgufHeader;
}) {
  for (const tensor of tensorInfos) {
    if (tensor.shape.some((size) => size === 0n)) {
      const why = `Tensor ${tensor.name} has the shape ${tensor.shape.join(" x ")}, and holds nothing.`;
      throw unreadableGguf({ path, why, facts: { tensor: tensor.name } });
    }
    const bytes = ggmlTensorBytes({ type: tensor.dtype, shape: tensor.shape });
    const end = tensorDataOffset + tensor.offset + (bytes ?? 0n);
    if (end <= BigInt(fileSize)) continue;
    const why = `Tensor ${tensor.name} ends at byte ${end}, but the file has only ${fileSize} bytes: it is cut short.`;
    throw unreadableGguf({ path, why, facts: { tensor: tensor.name, tensorEnd: Number(end), fileSize } });
  }
}

/** Throws MODEL_UNREADABLE, with the byte facts, for a file that is missing, damaged or cut short. */
export async function readGgufHeader({ path }: { path: string }): Promise<GgufHeader> {
  const header = await parse(path, await checkStart(path));
  checkExtents({ path, header });
  return header;
}
