/** Writing of safetensors files: float32 and int32, whole or not at all. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";

export interface TensorData {
  shape: number[];
  /** Row-major; Float32Array is stored as F32, Int32Array as I32. */
  data: Float32Array | Int32Array;
}

/** Distinguishes the temporary files of concurrent writes to one path. */
let writes = 0;

function layOut({
  tensors,
  metadata,
}: {
  tensors: Record<string, TensorData>;
  metadata: Record<string, string>;
}): Buffer {
  const header: Record<string, unknown> =
    Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (elements !== data.length) {
      throw new RangeError(
        `tensor "${name}": shape [${shape.join(", ")}] does not hold ${data.length} values`,
      );
    }
    const end = offset + data.byteLength;
    header[name] = {
      dtype: data instanceof Float32Array ? "F32" : "I32",
      shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  // readers map the file, so the tensors have to begin at a multiple of 8
  const padding = (8 - (json.length % 8)) % 8;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding));
  return Buffer.concat([length, json, Buffer.alloc(padding, " ")]);
}

async function writeAll({ file, bytes }: { file: FileHandle; bytes: Uint8Array }): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

/**
 * The file appears under its name only when it is complete and on disk.
 * Throws DISK_FULL, or RangeError for a shape that does not hold its data.
 */
export async function writeSafetensors({
  path,
  tensors,
  metadata = {},
}: {
  path: string;
  tensors: Record<string, TensorData>;
  metadata?: Record<string, string>;
}): Promise<void> {
  const header = layOut({ tensors, metadata });
  writes += 1;
  const temporary = `${path}.${process.pid}-${writes}.tmp`;
  const file = await open(temporary, "w");
  try {
    await writeAll({ file, bytes: header });
    for (const { data } of Object.values(tensors)) {
      await writeAll({ file, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    }
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
      throw new CountersteerError("DISK_FULL", {
        what: `${path} could not be written.`,
        why: messageOf(error),
        todo: "Free space or choose another folder.",
        facts: { path },
        cause: error,
      });
    }
    throw error;
  }
}
