/** SHA-256 of a file of any size. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface Sha256FileOptions {
  path: string;
  signal?: AbortSignal | undefined;
  /** Called with the bytes read so far. */
  onBytes?: ((done: number) => void) | undefined;
}

/** Lower-case hex; reads the file in pieces. Rejects with the system's error, or the signal's. */
export async function sha256File({ path, signal, onBytes }: Sha256FileOptions): Promise<string> {
  const hash = createHash("sha256");
  let done = 0;
  const options = { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) };
  for await (const chunk of createReadStream(path, options)) {
    hash.update(chunk);
    done += chunk.length;
    onBytes?.(done);
  }
  return hash.digest("hex");
}
