/** Checks a downloaded file against the hash it must have. */
import { rm } from "node:fs/promises";
import { CountersteerError } from "../errors.ts";
import { sha256File } from "./sha256-file.ts";

export interface VerifyOptions {
  path: string;
  /** Expected, lower-case hex. */
  sha256: string;
  /** Where the file came from, for the message. */
  from: string;
  signal?: AbortSignal | undefined;
  onBytes?: ((done: number) => void) | undefined;
}

/** Resolves if the file has the hash; else removes the file and throws CHECKSUM_MISMATCH. */
export async function verifyFile({ path, sha256, from, signal, onBytes }: VerifyOptions): Promise<void> {
  const actual = await sha256File({ path, signal, onBytes });
  if (actual === sha256) return;
  await rm(path, { force: true });
  throw new CountersteerError("CHECKSUM_MISMATCH", {
    what: `The file from ${from} is not the expected one and was removed.`,
    why: `Its SHA-256 is ${actual}, it should be ${sha256}.`,
    todo: "Run the command again; if it happens again, a proxy or a mirror changes the file, so choose another source with --from.",
    facts: { path, from, expected: sha256, actual },
  });
}
