/** The type of a dictionary whose tensors may have several. */
import type { FloatDtype } from "./float-bits.ts";
import type { TensorFile } from "./stored-tensor.ts";

/** The narrowest type that holds every number of the file; single numbers beside the weights do not count. */
export function dtypeOf({ tensors }: Pick<TensorFile, "tensors">): FloatDtype {
  const weights = [...tensors.values()].filter(({ shape }) => shape.length > 0);
  const found = new Set(weights.map(({ dtype }) => dtype));
  if (found.has("float64")) return "float64";
  const [only] = found;
  return only !== undefined && found.size === 1 ? only : "float32";
}
