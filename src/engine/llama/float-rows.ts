/** Between the stored rows of a matrix and float32, by ggml itself. */
import koffi from "koffi";
import { CountersteerError } from "../../errors.ts";
import { type GgufMatrix, readGgufRows } from "../../model/gguf-tensors.ts";
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";

const typeTraits = koffi.struct("cs_type_traits", {
  type_name: "const char *",
  block_size: "int64",
  block_size_interleave: "int64",
  type_size: "size_t",
  is_quantized: "bool",
  to_float: "void *",
  from_float_ref: "void *",
});
const toFloatType = koffi.proto("void cs_to_float(const void *from, _Out_ float *to, int64 count)");
const fromFloatType = koffi.proto("void cs_from_float(const float *from, _Out_ void *to, int64 count)");

interface TypeTraits {
  block_size: number;
  type_size: number;
  to_float: Pointer | null;
  from_float_ref: Pointer | null;
}

function traitsOf(type: number): TypeTraits {
  return koffi.decode(native().typeTraits(type), typeTraits);
}

/** Rows `[start, start + count)` as float32, `[count, columns]`. Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED. */
export async function readFloatRows(options: {
  path: string;
  matrix: GgufMatrix;
  start: number;
  count: number;
}): Promise<Float32Array> {
  const { matrix, count } = options;
  const bytes = await readGgufRows(options);
  const numbers = count * matrix.columns;
  if (matrix.type === GGML_TYPE.f32) return new Float32Array(bytes.buffer, 0, numbers);
  const floats = new Float32Array(numbers);
  const { to_float } = traitsOf(matrix.type);
  if (to_float === null) {
    throw new CountersteerError("MODEL_UNSUPPORTED", {
      what: `${matrix.name} can't be turned into floating point numbers.`,
      why: `ggml has no way back from ${matrix.typeName}.`,
      todo: "Use a file in another type, for example q8_0 or f16.",
      facts: { tensor: matrix.name, type: matrix.typeName },
    });
  }
  koffi.decode(to_float, toFloatType)(bytes, floats, numbers);
  return floats;
}

/** Whole rows `[rows, columns]` as ggml stores them in a type that has a reference conversion. Throws RangeError for others, and where a row is not whole blocks. */
export function storedRows({
  type,
  values,
  columns,
}: {
  /** ggml's number of the type. */
  type: number;
  values: Float32Array;
  columns: number;
}): Uint8Array {
  if (type === GGML_TYPE.f32) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const { block_size, type_size, from_float_ref } = traitsOf(type);
  if (from_float_ref === null || columns % block_size !== 0) {
    throw new RangeError(`rows of ${columns} numbers can't be stored as ggml type ${type}`);
  }
  const bytes = new Uint8Array((values.length / block_size) * type_size);
  koffi.decode(from_float_ref, fromFloatType)(values, bytes, values.length);
  return bytes;
}
