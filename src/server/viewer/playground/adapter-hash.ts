/** The hash by which runs know an adapter that the playground offers by its name. */
import { adapterFormat } from "../../../finetune/adapter/read-adapter.ts";
import { resolveAdapter } from "../../../finetune/adapter/resolve-adapter.ts";
import { hashFile } from "../../../model/file-hash.ts";

export interface AdapterHashOptions {
  path: string;
  /** GGUF file of the playground's model; null where it still has to be fetched. */
  model: string | null;
  cacheDir: string;
}

/** null where it can't be told: a folder of PEFT without the model that it is converted for, or what is no adapter of this model, which is refused when it is asked for. */
export async function adapterHash({ path, model, cacheDir }: AdapterHashOptions): Promise<string | null> {
  try {
    if ((await adapterFormat({ path })) === "gguf") return await hashFile({ path, cacheDir });
    return model === null ? null : (await resolveAdapter({ path, model, cacheDir })).hash;
  } catch {
    return null;
  }
}
