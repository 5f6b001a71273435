/** Where the tensors of a safetensors file will lie, before there is any. */
import { bytesOf, type Dtype } from "./safetensors-header.ts";

export interface TensorPlan {
  dtype: Dtype;
  shape: readonly number[];
}

export interface SafetensorsLayout {
  /** Length and header, the file's first bytes. */
  header: Buffer;
  /** Position of each tensor's first byte in the file. */
  begins: Map<string, number>;
  /** Bytes of the whole file. */
  size: number;
}

/** Tensors follow each other in the order given. */
export function safetensorsLayout({
  tensors,
  metadata = {},
}: {
  tensors: Readonly<Record<string, TensorPlan>>;
  metadata?: Record<string, string>;
}): SafetensorsLayout {
  const header: Record<string, unknown> =
    Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  const offsets: [string, number][] = [];
  let offset = 0;
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const end = offset + shape.reduce((product, size) => product * size, bytesOf(dtype));
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offsets.push([name, offset]);
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  // readers map the file, so the tensors have to begin at a multiple of 8
  const padding = (8 - (json.length % 8)) % 8;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding));
  const start = 8 + json.length + padding;
  return {
    header: Buffer.concat([length, json, Buffer.alloc(padding, " ")]),
    begins: new Map(offsets.map(([name, begin]) => [name, start + begin] as const)),
    size: start + offset,
  };
}
