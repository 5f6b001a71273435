/** Writes small `.npz` files for tests. */
import { tinyZip } from "./tiny-zip.ts";

export interface NpyArray {
  shape: number[];
  /** In the order in which they are stored. */
  data: Float32Array | Float64Array | Float16Array;
  fortranOrder?: boolean;
  /** Instead of the type of `data`. */
  descr?: string;
}

function descrOf(data: NpyArray["data"]): string {
  return `<f${data.BYTES_PER_ELEMENT}`;
}

export function npyBytes({ shape, data, fortranOrder = false, descr = descrOf(data) }: NpyArray): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortranOrder ? "True" : "False";
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  const start = Buffer.from("\x93NUMPY\x01\x00..", "latin1");
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

export function tinyNpz({
  arrays,
  deflate = false,
}: {
  arrays: Record<string, NpyArray>;
  deflate?: boolean;
}): Buffer {
  return tinyZip({
    parts: Object.entries(arrays).map(([name, array]) => ({
      name: `${name}.npy`,
      bytes: npyBytes(array),
      deflate,
    })),
  });
}
