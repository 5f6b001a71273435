/** Writing of activations to disk, in chunks: they are larger than memory. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";
import { temporaryBeside } from "../model/temporary-file.ts";
import type { ActivationPart } from "./activation-file.ts";

export type ActivationDtype = "F32" | "F16";

export interface WriteActivationsOptions {
  path: string;
  dModel: number;
  dtype: ActivationDtype;
  /** Rows of each part; a part of 0 is left out. */
  counts: Record<ActivationPart, number>;
  /** All rows of a part, in chunks `[any, d_model]`; asked for once each, `rows` first. */
  chunks: (part: ActivationPart) => AsyncIterable<Float32Array>;
  metadata: Record<string, string>;
}

const BYTES: Record<ActivationDtype, number> = { F32: 4, F16: 2 };

/** The file appears under its name only when it is complete. Throws DISK_FULL, REQUEST_INVALID for a row that float16 can't hold, and what `chunks` throws. */
export async function writeActivations(options: WriteActivationsOptions): Promise<void> {
  const { path, counts, chunks } = options;
  const temporary = temporaryBeside(path);
  const file = await open(temporary, "w");
  try {
    await write({ file, path, bytes: headerOf(options) });
    for (const part of partsOf(counts)) {
      let rows = 0;
      for await (const values of chunks(part)) {
        await write({ file, path, bytes: bytesOf({ ...options, values }) });
        rows += values.length / options.dModel;
      }
      if (rows !== counts[part]) throw new RangeError(`${rows} of ${counts[part]} rows of "${part}" came`);
    }
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

function partsOf(counts: Record<ActivationPart, number>): ActivationPart[] {
  return (["rows", "held_out"] as const).filter((part) => counts[part] > 0);
}

function headerOf({ dModel, dtype, counts, metadata }: WriteActivationsOptions): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const part of partsOf(counts)) {
    const end = offset + counts[part] * dModel * BYTES[dtype];
    header[part] = { dtype, shape: [counts[part], dModel], data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding));
  return Buffer.concat([length, json, Buffer.alloc(padding, " ")]);
}

function bytesOf({
  path,
  dtype,
  values,
}: {
  path: string;
  dtype: ActivationDtype;
  values: Float32Array;
}): Uint8Array {
  const numbers = dtype === "F32" ? values : new Float16Array(values);
  if (dtype === "F16" && !numbers.every(Number.isFinite)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `${path} can't hold these activations as float16.`,
      why: "One of them exceeds 65504.",
      todo: "Write float32 instead (cacheType: F32), or drop the rows with outliers.",
      facts: { path },
    });
  }
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

async function write({
  file,
  path,
  bytes,
}: {
  file: FileHandle;
  path: string;
  bytes: Uint8Array;
}): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
    }
  } catch (cause) {
    throw new CountersteerError("DISK_FULL", {
      what: `${path} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Free space or choose another folder.",
      facts: { path },
      cause,
    });
  }
}
