/** Where weights and other things that can be fetched again are kept. */
import { resolve } from "node:path";
import envPaths from "env-paths";

/**
 * The cache directory by the platform's convention (for example `~/.cache/countersteer` on Linux), or `override` made absolute.
 * The directory is not created.
 */
export function cacheDir({ override }: { override?: string | undefined } = {}): string {
  if (override !== undefined && override !== "") return resolve(override);
  return envPaths("countersteer", { suffix: "" }).cache;
}
