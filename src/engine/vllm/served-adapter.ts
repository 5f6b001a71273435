/** From an adapter as a person names it to what the servers call it: a served name, or a PEFT folder here whose weights a server has. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { CountersteerError } from "../../errors.ts";
import { sha256File } from "../../model/sha256-file.ts";
import type { AppliedAdapter } from "../with-adapter.ts";
import type { ServedAdapter } from "./protocol.ts";

const WEIGHTS = "adapter_model.safetensors";

/** `path` of the answer is the served name, `hash` that of the weights. Throws ADAPTER_MISMATCH. */
export async function servedAdapter({
  given,
  adapters,
}: {
  given: string;
  adapters: readonly ServedAdapter[];
}): Promise<AppliedAdapter> {
  const named = adapters.find(({ name }) => name === given);
  const local = named === undefined ? await localHash(given) : null;
  const found = named ?? adapters.find(({ hash }) => hash !== null && hash === local);
  if (found !== undefined && found.hash !== null) return { path: found.name, hash: found.hash };
  throw new CountersteerError("ADAPTER_MISMATCH", {
    what: `The servers don't have the adapter ${given}.`,
    why:
      found === undefined
        ? `Those that all of them have are: ${adapters.map(({ name }) => name).join(", ") || "none"}.`
        : "They have not told the hash of its weights, so that nothing says which adapter it is.",
    todo: "Start every server with --enable-lora --lora-modules NAME=FOLDER, and give NAME, or the folder that PEFT wrote.",
    facts: { adapter: given, served: adapters.map(({ name }) => name) },
  });
}

async function localHash(folder: string): Promise<string | null> {
  const path = join(folder, WEIGHTS);
  const stats = await stat(path).catch(() => null);
  return stats?.isFile() === true ? await sha256File({ path }) : null;
}
