/** Writing of safetensors files: float32 and int32, whole or not at all. */

import { writeAll, writeWholeFile } from "../model/whole-file.ts";
import type { Dtype } from "./safetensors-header.ts";
import { safetensorsLayout } from "./safetensors-layout.ts";

export interface TensorData {
  shape: number[];
  /** Row-major; Float32Array is stored as F32, Int32Array as I32. */
  data: Float32Array | Int32Array;
}

function dtypeOf(data: TensorData["data"]): Dtype {
  return data instanceof Float32Array ? "F32" : "I32";
}

/**
 * The file appears under its name only when it is complete and on disk.
 * Throws DISK_FULL, or RangeError for a shape that does not hold its data.
 */
export async function writeSafetensors({
  path,
  tensors,
  metadata = {},
}: {
  path: string;
  tensors: Record<string, TensorData>;
  metadata?: Record<string, string>;
}): Promise<void> {
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (shape.reduce((product, size) => product * size, 1) !== data.length) {
      throw new RangeError(
        `tensor "${name}": shape [${shape.join(", ")}] does not hold ${data.length} values`,
      );
    }
  }
  const plans = Object.entries(tensors).map(
    ([name, { shape, data }]) => [name, { shape, dtype: dtypeOf(data) }] as const,
  );
  const { header } = safetensorsLayout({ tensors: Object.fromEntries(plans), metadata });
  await writeWholeFile({
    path,
    async write(file) {
      await writeAll({ file, bytes: header });
      for (const { data } of Object.values(tensors)) {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        await writeAll({ file, bytes });
      }
    },
  });
}
