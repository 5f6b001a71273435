/** Writes an adapter as Hugging Face PEFT loads it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAll, writeWholeFile } from "../../model/whole-file.ts";
import { type TensorData, writeSafetensors } from "../../sae/write-safetensors.ts";
import type { LoraFactors, LoraShape } from "../types.ts";
import { type BaseModel, interleavedHeads } from "./base-model.ts";
import { inputsOf, outputsOf, sortedFactors } from "./lora-adapter.ts";
import { PEFT_CONFIG, PEFT_WEIGHTS, peftConfig } from "./peft-config.ts";
import { separateHalves } from "./rope-rows.ts";
import { peftName } from "./tensor-names.ts";

export interface WritePeftOptions {
  /** Folder; made if there is none. */
  dir: string;
  factors: readonly LoraFactors[];
  shape: LoraShape;
  /** Name or path that transformers loads the model by. */
  baseModel: string;
  model: Pick<BaseModel, "rotation" | "heads">;
}

/** float32; the configuration is written last. Throws DISK_FULL. */
export async function writePeft({ dir, factors, shape, baseModel, model }: WritePeftOptions): Promise<void> {
  const { rank } = shape;
  const tensors: Record<string, TensorData> = {};
  for (const each of sortedFactors(factors)) {
    const { layer, matrix, a, b } = each;
    const heads = interleavedHeads({ model, matrix });
    const rows = heads === null ? b : separateHalves({ values: b, heads, columns: rank });
    tensors[peftName({ layer, matrix, factor: "a" })] = { shape: [rank, inputsOf(each, shape)], data: a };
    tensors[peftName({ layer, matrix, factor: "b" })] = { shape: [outputsOf(each, shape), rank], data: rows };
  }
  await mkdir(dir, { recursive: true });
  await writeSafetensors({ path: join(dir, PEFT_WEIGHTS), tensors, metadata: { format: "pt" } });
  const json = `${JSON.stringify(peftConfig({ shape, baseModel }), null, 2)}\n`;
  await writeWholeFile({
    path: join(dir, PEFT_CONFIG),
    write: (file) => writeAll({ file, bytes: Buffer.from(json) }),
  });
}
