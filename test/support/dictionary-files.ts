/** The files of a small dictionary in each format that is read, all of one size. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openNpz } from "../../src/sae/npz-file.ts";
import { readRows, readVector } from "../../src/sae/read-rows.ts";
import { writeSafetensors } from "../../src/sae/write-safetensors.ts";
import { SAE_DATA } from "./sae-data.ts";
import { type NpyArray, tinyNpz } from "./tiny-npz.ts";

export const DICTIONARY_SIZE = { dModel: 24, latents: 96 };

/** A dictionary's files by their names. */
export interface DictionaryFiles {
  name: string;
  files: Record<string, Buffer>;
}

function fixture(name: string, names: string[], rename: Record<string, string> = {}): DictionaryFiles {
  const files = names.map(
    (file) => [rename[file] ?? file, readFileSync(join(SAE_DATA, name, file))] as const,
  );
  return { name, files: Object.fromEntries(files) };
}

function gemmaArrays(): Record<string, NpyArray & { data: Float32Array }> {
  const file = openNpz({ path: `${SAE_DATA}/gemma-scope/params.npz` });
  const arrays = [...file.tensors].map(([name, tensor]) => {
    const rows = Array.from({ length: tensor.shape[0] ?? 0 }, (_, i) => i);
    const data = tensor.shape.length === 2 ? readRows({ tensor, rows }) : readVector(tensor);
    const array: NpyArray & { data: Float32Array } = { shape: [...tensor.shape], data };
    return [name, array] as const;
  });
  file.close();
  return Object.fromEntries(arrays);
}

async function gemmaScope2(folder: string): Promise<DictionaryFiles> {
  const path = join(folder, "params.safetensors");
  const arrays = Object.entries(gemmaArrays()).map(
    ([name, array]) => [name.replace("W_", "w_"), array] as const,
  );
  await writeSafetensors({ path, tensors: Object.fromEntries(arrays) });
  const config = {
    hf_hook_point_in: "model.layers.17.output",
    hf_hook_point_out: "model.layers.17.output",
    width: DICTIONARY_SIZE.latents,
    architecture: "jump_relu",
    type: "sae",
  };
  return {
    name: "gemma-scope-2",
    files: { "params.safetensors": readFileSync(path), "config.json": Buffer.from(JSON.stringify(config)) },
  };
}

/** `folder` is for files on the way. */
export async function dictionaryFiles(folder: string): Promise<DictionaryFiles[]> {
  const saelens = ["cfg.json", "sae_weights.safetensors"];
  return [
    ...["standard", "topk", "jumprelu", "batchtopk", "gated"].map((name) => fixture(name, saelens)),
    fixture("sparsify", ["cfg.json", "sae.safetensors"]),
    fixture("gemma-scope", ["params.npz"]),
    { name: "npz, packed", files: { "params.npz": tinyNpz({ arrays: gemmaArrays(), deflate: true }) } },
    await gemmaScope2(folder),
    fixture("goodfire", ["sae.pt"]),
  ];
}
