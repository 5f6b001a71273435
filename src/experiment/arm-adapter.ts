/** From the path of an adapter, as a design's settings name it, to what an arm carries. */
import { join } from "node:path";
import { PEFT_WEIGHTS } from "../finetune/adapter/peft-config.ts";
import { adapterFormat } from "../finetune/adapter/read-adapter.ts";
import { resolveAdapter } from "../finetune/adapter/resolve-adapter.ts";
import { adapterPath } from "../finetune/adapter/shipped-adapters.ts";
import { sha256File } from "../model/sha256-file.ts";
import type { Adapter } from "./arms.ts";

export type AdapterOf = (path: string) => Promise<Adapter>;

/** As the engine will load it: a GGUF file that fits the model. Throws what `resolveAdapter` throws. */
export function adaptersOf({ model, cacheDir }: { model: string; cacheDir: string }): AdapterOf {
  return (path) => resolveAdapter({ path, model, cacheDir });
}

/**
 * Where no model is at hand: enough to count arms and to tell equal ones. A folder of PEFT stays a folder, which `checkAdapters` refuses to
 * run. Throws MODEL_UNREADABLE where there is nothing.
 */
export async function unresolvedAdapter(given: string): Promise<Adapter> {
  const path = adapterPath({ path: given });
  const format = await adapterFormat({ path });
  return { path, hash: await sha256File({ path: format === "gguf" ? path : join(path, PEFT_WEIGHTS) }) };
}
