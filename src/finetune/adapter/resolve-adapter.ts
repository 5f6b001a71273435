/** Turns what a user gives as an adapter, a GGUF file, a folder of PEFT or the name of a shipped one, into a GGUF file that fits the model. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isCode } from "../../errors.ts";
import { hashFile } from "../../model/file-hash.ts";
import { adapterUnreadable } from "./adapter-errors.ts";
import { type BaseModel, readBaseModel } from "./base-model.ts";
import { PEFT_CONFIG, PEFT_WEIGHTS } from "./peft-config.ts";
import { adapterFormat, readAdapter } from "./read-adapter.ts";
import { adapterPath } from "./shipped-adapters.ts";
import { writeGgufLora } from "./write-gguf.ts";

/** Counts up when a conversion would give other bytes. */
const CONVERSION = 1;

export interface ResolvedAdapter {
  /** Absolute path of a GGUF file. */
  path: string;
  /** SHA-256 of that file. The same for a GGUF file and for the PEFT folder that it was made with. */
  hash: string;
}

/** A folder is converted once, into the cache. Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED, ADAPTER_MISMATCH, DISK_FULL. */
export async function resolveAdapter({
  path: given,
  model,
  cacheDir,
}: {
  path: string;
  /** GGUF file of the model. */
  model: string;
  cacheDir: string;
}): Promise<ResolvedAdapter> {
  const path = adapterPath({ path: given });
  const format = await adapterFormat({ path });
  const base = await readBaseModel({ path: model });
  const file = format === "gguf" ? resolve(path) : await converted({ dir: path, base, cacheDir });
  if (format === "gguf") await readAdapter({ path: file, model: base });
  return { path: file, hash: await hashFile({ path: file, cacheDir }) };
}

async function converted({
  dir,
  base,
  cacheDir,
}: {
  dir: string;
  base: BaseModel;
  cacheDir: string;
}): Promise<string> {
  const key = createHash("sha256").update(
    JSON.stringify([CONVERSION, base.architecture, base.heads, await hashes({ dir, cacheDir })]),
  );
  const path = resolve(cacheDir, "adapters", `${key.digest("hex").slice(0, 24)}.gguf`);
  if (await isGood({ path, base })) return path;
  const { factors, shape } = await readAdapter({ path: dir, model: base });
  await writeGgufLora({ path, factors, shape, architecture: base.architecture });
  return path;
}

async function hashes({ dir, cacheDir }: { dir: string; cacheDir: string }): Promise<string[]> {
  const files = [PEFT_CONFIG, PEFT_WEIGHTS].map((name) => join(dir, name));
  for (const path of files) {
    const stats = await stat(path).catch(() => null);
    if (stats?.isFile() !== true) throw adapterUnreadable({ path: dir, why: `It holds no file ${path}.` });
  }
  return await Promise.all(files.map((path) => hashFile({ path, cacheDir })));
}

/** False where nothing lies there, or something damaged. Throws ADAPTER_MISMATCH. */
async function isGood({ path, base }: { path: string; base: BaseModel }): Promise<boolean> {
  try {
    await readAdapter({ path, model: base });
    return true;
  } catch (error) {
    if (isCode(error, "MODEL_UNREADABLE")) return false;
    throw error;
  }
}
