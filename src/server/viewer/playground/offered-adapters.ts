/** The adapters that the playground offers by name: those of the package, and files that the person who started it gave. */
import path from "node:path";
import { shippedAdapters } from "../../../finetune/adapter/shipped-adapters.ts";

/** Names with their files; a file goes by its own name, numbered where that is taken. */
export function offeredAdapters({
  files = [],
  shipped = shippedAdapters(),
}: {
  files?: readonly string[];
  shipped?: ReadonlyMap<string, string>;
} = {}): Map<string, string> {
  const offered = new Map(shipped);
  for (const file of files) {
    const name = path.basename(file).replace(/\.gguf$/i, "");
    let free = name;
    for (let number = 2; offered.has(free); number++) free = `${name}-${number}`;
    offered.set(free, file);
  }
  return offered;
}
