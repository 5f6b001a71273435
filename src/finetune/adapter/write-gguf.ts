/** Writes an adapter as llama.cpp loads it (`llama_adapter_lora_init`). Equal adapters give equal bytes. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { GGMLQuantizationType } from "@huggingface/gguf";
import { ggufFloat32, ggufText } from "../../model/gguf-layout.ts";
import { type GgufTensorData, writeGguf } from "../../model/write-gguf.ts";
import { float32ToFloat16 } from "../../sae/float-bits.ts";
import type { LoraFactors, LoraShape } from "../types.ts";
import { inputsOf, outputsOf, sortedFactors } from "./lora-adapter.ts";
import { ggufName } from "./tensor-names.ts";

export const ADAPTER_TYPES = ["f32", "f16"] as const;
export type AdapterType = (typeof ADAPTER_TYPES)[number];

export interface WriteGgufLoraOptions {
  path: string;
  factors: readonly LoraFactors[];
  shape: LoraShape;
  /** Of the model, as GGUF names it. */
  architecture: string;
  /** @default "f32" */
  type?: AdapterType;
}

/** The dropout is not a part of the file. Throws DISK_FULL. */
export async function writeGgufLora({
  path,
  factors,
  shape,
  architecture,
  type = "f32",
}: WriteGgufLoraOptions): Promise<void> {
  const tensor = (
    name: string,
    dims: [inner: number, outer: number],
    values: Float32Array,
  ): GgufTensorData => ({
    name,
    shape: dims,
    type: type === "f32" ? GGMLQuantizationType.F32 : GGMLQuantizationType.F16,
    pieces: () => [type === "f32" ? bytesOf(values) : bytesOf(float32ToFloat16(values))],
  });
  const tensors = sortedFactors(factors).flatMap((each) => {
    const { layer, matrix, a, b } = each;
    return [
      tensor(ggufName({ layer, matrix, factor: "a" }), [inputsOf(each, shape), shape.rank], a),
      tensor(ggufName({ layer, matrix, factor: "b" }), [shape.rank, outputsOf(each, shape)], b),
    ];
  });
  await mkdir(dirname(path), { recursive: true });
  await writeGguf({
    path,
    metadata: {
      "general.architecture": ggufText(architecture),
      "general.type": ggufText("adapter"),
      "adapter.type": ggufText("lora"),
      "adapter.lora.alpha": ggufFloat32(shape.alpha),
    },
    tensors,
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
