/** A tensor where it lies: nothing is read until rows are asked for. Strides let one reader serve every order that formats store in. */
import type { ByteSource } from "./byte-source.ts";
import { bytesOfFloat, type FloatDtype } from "./float-bits.ts";
import { unreadable } from "./sae-errors.ts";

export interface StoredTensor {
  readonly name: string;
  readonly dtype: FloatDtype;
  readonly shape: readonly number[];
  /** Elements between neighbours along each dimension. */
  readonly strides: readonly number[];
  /** Position of the first element in `bytes`. */
  readonly begin: number;
  readonly bytes: ByteSource;
}

/** The named tensors of one file. */
export interface TensorFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  close(): void;
}

/** Strides of a row-major tensor without gaps. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  return strides;
}

/** Elements of the tensor; 1 for a scalar. */
export function elementsOf({ shape }: Pick<StoredTensor, "shape">): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The tensor itself, once it is sure that no element lies outside its bytes, and that it has no more elements than they hold.
 * Throws SAE_UNREADABLE.
 */
export function checkedTensor(tensor: StoredTensor): StoredTensor {
  const { name, dtype, shape, strides, begin, bytes } = tensor;
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const last = shape.reduce((sum, size, i) => sum + (size - 1) * (strides[i] ?? 0), 0);
  const end = elementsOf(tensor) === 0 ? begin : begin + (last + 1) * bytesOfFloat(dtype);
  const isSound =
    shape.length === strides.length &&
    [...shape, ...strides, begin, end].every(isCount) &&
    end <= bytes.size &&
    elementsOf(tensor) * bytesOfFloat(dtype) <= bytes.size;
  if (isSound) return tensor;
  throw unreadable({
    path: bytes.path,
    why: `Tensor "${name}" [${shape.join(", ")}] needs bytes ${begin} to ${end} of ${bytes.size}.`,
    facts: { tensor: name, shape: [...shape], begin, end, bytes: bytes.size },
  });
}

/** The same matrix with rows and columns exchanged; nothing moves. */
export function transposed(tensor: StoredTensor): StoredTensor {
  return { ...tensor, shape: tensor.shape.toReversed(), strides: tensor.strides.toReversed() };
}
