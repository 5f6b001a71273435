/** Where the package keeps the files it ships with. */
import { fileURLToPath } from "node:url";

/** Absolute path of `assets/<name>`; `src/sae/` and `dist/sae/` lie equally deep, so both find it. */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
}
