/** What a Parquet file says of its own columns, so that damage is seen before a decoder works on it: a damaged run-length is worked on for hours. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

export const DIGEST_KEY = "countersteer.columns";

const CHUNK = 2 ** 20;
const FORM = /^(?<bytes>\d{1,15}) (?<sha256>[0-9a-f]{64})$/;

/** Of the first `bytes` of the file: `BYTES SHA-256`. Throws RangeError where the file has fewer. */
export function digestOf({ file, bytes }: { file: string; bytes: number }): string {
  const hash = createHash("sha256");
  const handle = openSync(file, "r");
  try {
    const chunk = new Uint8Array(CHUNK);
    for (let at = 0; at < bytes; ) {
      const read = readSync(handle, chunk, 0, Math.min(CHUNK, bytes - at), at);
      if (read === 0) throw new RangeError("the file ends early");
      hash.update(chunk.subarray(0, read));
      at += read;
    }
  } finally {
    closeSync(handle);
  }
  return `${bytes} ${hash.digest("hex")}`;
}

/** Whether the file begins with what `digestOf` was made of. */
export function hasDigest({ file, digest }: { file: string; digest: string | undefined }): boolean {
  const bytes = FORM.exec(digest ?? "")?.groups?.bytes;
  try {
    return bytes !== undefined && digestOf({ file, bytes: Number(bytes) }) === digest;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
