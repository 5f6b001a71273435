/** How many bytes a tensor of each ggml type takes (ggml's type traits; checked against `ggml_type_size` of the pinned library). */
import { GGMLQuantizationType } from "@huggingface/gguf";

/** Name: [elements in a block, bytes of a block]. */
const BLOCKS: Readonly<Record<string, readonly [number, number]>> = {
  F32: [1, 4],
  F16: [1, 2],
  BF16: [1, 2],
  F64: [1, 8],
  I8: [1, 1],
  I16: [1, 2],
  I32: [1, 4],
  I64: [1, 8],
  Q4_0: [32, 18],
  Q4_1: [32, 20],
  Q5_0: [32, 22],
  Q5_1: [32, 24],
  Q8_0: [32, 34],
  Q8_1: [32, 36],
  Q2_K: [256, 84],
  Q3_K: [256, 110],
  Q4_K: [256, 144],
  Q5_K: [256, 176],
  Q6_K: [256, 210],
  Q8_K: [256, 292],
  IQ1_S: [256, 50],
  IQ1_M: [256, 56],
  IQ2_XXS: [256, 66],
  IQ2_XS: [256, 74],
  IQ2_S: [256, 82],
  IQ3_XXS: [256, 98],
  IQ3_S: [256, 110],
  IQ4_NL: [32, 18],
  IQ4_XS: [256, 136],
  TQ1_0: [256, 54],
  TQ2_0: [256, 66],
  MXFP4: [32, 17],
  NVFP4: [64, 36],
  Q1_0: [128, 18],
  Q2_0: [64, 18],
};

/** The type's name in ggml's spelling, for example `q4_1` or `q4_K`; `type <n>` for a number that isn't known. */
export function ggmlTypeName(type: number): string {
  const name: string | undefined = GGMLQuantizationType[type];
  if (name === undefined) return `type ${type}`;
  return name.toLowerCase().replace(/_k$/, "_K");
}

/** Bytes of a tensor; null for a type whose block size isn't known, and for a row that isn't whole blocks. */
export function ggmlTensorBytes({ type, shape }: { type: number; shape: readonly bigint[] }): bigint | null {
  const block = BLOCKS[GGMLQuantizationType[type] ?? ""];
  if (block === undefined) return null;
  const elements = shape.reduce((product, size) => product * size, 1n);
  const [perBlock, bytes] = block;
  return (shape[0] ?? 1n) % BigInt(perBlock) === 0n ? (elements / BigInt(perBlock)) * BigInt(bytes) : null;
}
