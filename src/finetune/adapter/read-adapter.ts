/** Reads an adapter of either format, and checks that it fits its model. */
import { stat } from "node:fs/promises";
import { adapterUnreadable } from "./adapter-errors.ts";
import type { BaseModel } from "./base-model.ts";
import { checkFits } from "./check-adapter.ts";
import type { LoraAdapter } from "./lora-adapter.ts";
import { readGgufLora } from "./read-gguf.ts";
import { readPeft } from "./read-peft.ts";

export type AdapterFormat = "gguf" | "peft";

/** By what lies there: a folder is PEFT's, a file is GGUF. Throws MODEL_UNREADABLE where there is nothing. */
export async function adapterFormat({ path }: { path: string }): Promise<AdapterFormat> {
  const stats = await stat(path).catch(() => null);
  if (stats === null)
    throw adapterUnreadable({
      path,
      why: "There is no file or folder at this path, and no shipped adapter has this name.",
    });
  return stats.isDirectory() ? "peft" : "gguf";
}

/** Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED, ADAPTER_MISMATCH. */
export async function readAdapter({
  path,
  model,
}: {
  path: string;
  model: BaseModel;
}): Promise<LoraAdapter & { format: AdapterFormat }> {
  const format = await adapterFormat({ path });
  if (format === "peft") {
    const adapter = await readPeft({ dir: path, model });
    checkFits({ adapter, path, model });
    return { ...adapter, format };
  }
  const { architecture, ...adapter } = await readGgufLora({ path });
  checkFits({ adapter, path, model, architecture });
  return { ...adapter, format };
}
