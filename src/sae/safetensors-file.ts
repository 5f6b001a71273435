/** A safetensors file as named tensors of floats. */
import type { Safetensors } from "./safetensors.ts";
import type { TensorFile } from "./stored-tensor.ts";

/** Throws SAE_UNSUPPORTED for a tensor that holds no floats. */
export function safetensorsFile({ safetensors }: { safetensors: Safetensors }): TensorFile {
  const { path, tensors } = safetensors;
  try {
    return {
      path,
      tensors: new Map([...tensors.keys()].map((name) => [name, safetensors.stored(name)] as const)),
      close: () => safetensors.close(),
    };
  } catch (error) {
    safetensors.close();
    throw error;
  }
}
