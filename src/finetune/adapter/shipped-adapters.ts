/** The adapters that come with the package, which go by a name instead of a path. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { assetPath } from "../../sae/asset-path.ts";

/** Name and GGUF file of every shipped adapter (`assets/<model>/adapters/<name>/adapter.gguf`). */
export function shippedAdapters({ assets = assetPath("") }: { assets?: string } = {}): Map<string, string> {
  const found = new Map<string, string>();
  for (const model of readdirSync(assets)) {
    const folder = join(assets, model, "adapters");
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) found.set(name, join(folder, name, "adapter.gguf"));
  }
  return found;
}

/** The path itself where something lies there, else the file of the shipped adapter of that name, else the path again. */
export function adapterPath({ path, assets }: { path: string; assets?: string }): string {
  if (existsSync(path)) return path;
  return shippedAdapters(assets === undefined ? {} : { assets }).get(path) ?? path;
}

/** What the shipped adapter of that name was trained on, beside which its `data.meta.json` lies; null for any other path. */
export function shippedData({ path, assets }: { path: string; assets?: string }): string | null {
  if (existsSync(path)) return null;
  const file = shippedAdapters(assets === undefined ? {} : { assets }).get(path);
  return file === undefined ? null : join(dirname(file), "data.jsonl");
}
