/** The one way to open an SAE: a folder or a file of any format that is read, or the name of one that is shipped. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { CountersteerError } from "../errors.ts";
import { assetPath } from "./asset-path.ts";
import type { Dictionary } from "./dictionary.ts";
import { openByFormat } from "./find-format.ts";

/** Name and folder of every shipped SAE (`assets/<model>/sae/<name>/`). */
export function shippedDictionaries({
  assets = assetPath(""),
}: {
  assets?: string;
} = {}): Map<string, string> {
  const found = new Map<string, string>();
  for (const model of readdirSync(assets)) {
    const folder = join(assets, model, "sae");
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) found.set(name, join(folder, name));
  }
  return found;
}

/** Throws SAE_UNREADABLE if there is no such path or name, or it is damaged; SAE_UNSUPPORTED naming what is not implemented. */
export function openDictionary({ path, assets }: { path: string; assets?: string }): Dictionary {
  if (existsSync(path)) return openByFormat({ path });
  const shipped = shippedDictionaries(assets === undefined ? {} : { assets });
  const folder = shipped.get(path);
  if (folder !== undefined) return openByFormat({ path: folder });
  throw new CountersteerError("SAE_UNREADABLE", {
    what: `There is no SAE "${path}".`,
    why: `${resolve(path)} does not exist, and the shipped ones are ${[...shipped.keys()].join(", ") || "none"}.`,
    todo: "Give a folder or file that holds an SAE, or a shipped name.",
    facts: { path, shipped: [...shipped.keys()] },
  });
}
