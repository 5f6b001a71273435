/** By how much a last score must exceed the first to count as a success. */
import type { Manifest } from "./manifest.ts";

/** In score points: what the run was configured with; the paper's, 0, where it says none. */
export function runMargin({ config }: Pick<Manifest, "config">): number {
  return typeof config.margin === "number" ? config.margin : 0;
}
