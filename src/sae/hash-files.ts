/** SHA-256 over several files, read in pieces: a dictionary can be larger than memory. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 4 * 1024 * 1024;

/** Hex digest of the files' own SHA-256 digests in the given order, so that no boundary can shift. */
export function hashFiles({ paths }: { paths: readonly string[] }): string {
  const whole = createHash("sha256");
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (const path of paths) {
    const hash = createHash("sha256");
    const fd = openSync(path, "r");
    try {
      for (let got = readSync(fd, piece); got > 0; got = readSync(fd, piece))
        hash.update(piece.subarray(0, got));
    } finally {
      closeSync(fd);
    }
    whole.update(hash.digest());
  }
  return whole.digest("hex");
}
