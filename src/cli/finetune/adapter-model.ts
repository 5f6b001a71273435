/** The model that an adapter belongs to, as commands on files of adapters need it: nothing is opened. */
import { type BaseModel, readBaseModel } from "../../finetune/adapter/base-model.ts";
import { DEFAULT_MODEL, type KnownModel } from "../../model/registry.ts";
import { resolveModel } from "../../model/resolve-model.ts";
import type { CliContext } from "../context.ts";
import { hubAccess } from "../hub-access.ts";
import { machineOf } from "../machine.ts";

export interface AdapterModel {
  model: BaseModel;
  known: KnownModel | null;
  cacheDir: string;
}

/** Pulls the model if need be. Throws what that throws, MODEL_UNREADABLE and MODEL_UNSUPPORTED. */
export async function adapterModel({
  flags,
  context,
}: {
  flags: { model?: string; cacheDir?: string };
  context: CliContext;
}): Promise<AdapterModel> {
  const { cacheDir, onPull } = await machineOf({ flags, context });
  const { path, known } = await resolveModel({
    model: flags.model ?? DEFAULT_MODEL,
    cacheDir,
    onProgress: onPull,
    signal: context.signal,
    ...hubAccess(context.env),
  });
  return { model: await readBaseModel({ path }), known, cacheDir };
}
