/** Whether a file holds the tensors of its format, and no others. */
import { unreadable, unsupported } from "./sae-errors.ts";
import type { StoredTensor, TensorFile } from "./stored-tensor.ts";

/** Throws SAE_UNREADABLE where the file lacks the tensor. */
export function tensorOf({ file, name }: { file: TensorFile; name: string }): StoredTensor {
  const tensor = file.tensors.get(name);
  if (tensor !== undefined) return tensor;
  const names = [...file.tensors.keys()].join(", ") || "none";
  throw unreadable({
    path: file.path,
    why: `It has no tensor "${name}"; it has ${names}.`,
    facts: { tensor: name },
  });
}

/** Throws SAE_UNREADABLE unless the tensor has this shape. @param source what says so, in words */
export function checkShape({
  file,
  name,
  expected,
  source,
}: {
  file: TensorFile;
  name: string;
  expected: readonly number[];
  source: string;
}): void {
  const { shape } = tensorOf({ file, name });
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i])) return;
  throw unreadable({
    path: file.path,
    why: `Tensor "${name}" has the shape [${shape.join(", ")}]; ${source} asks for [${expected.join(", ")}].`,
    facts: { tensor: name, shape: [...shape], expected: [...expected] },
  });
}

/** The two sizes of a matrix, both above 0. Throws SAE_UNREADABLE. */
export function matrixSizes({ file, name }: { file: TensorFile; name: string }): [number, number] {
  const { shape } = tensorOf({ file, name });
  const [rows = 0, columns = 0] = shape;
  if (shape.length === 2 && rows > 0 && columns > 0) return [rows, columns];
  throw unreadable({
    path: file.path,
    why: `Tensor "${name}" has the shape [${shape.join(", ")}], which is no matrix.`,
    facts: { tensor: name, shape: [...shape] },
  });
}

/** Throws SAE_UNSUPPORTED for a tensor whose meaning nobody knows here: it may change the numbers. */
export function refuseOthers({ file, names }: { file: TensorFile; names: readonly string[] }): void {
  const other = [...file.tensors.keys()].find((name) => !names.includes(name));
  if (other === undefined) return;
  throw unsupported({ path: file.path, field: "tensor", value: other, known: names.join(", ") });
}
