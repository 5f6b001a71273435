/** The dense product in plain TypeScript: slow, needs no library. */
import type { OpenDenseProduct } from "./dense-product.ts";

/** Takes float32 weights only. Throws RangeError for others. */
export const openPlainProduct: OpenDenseProduct = (region) => {
  const { memory, weightsAt, latents, rowsAt, totalRows, columns, outputAt, blockRows } = region;
  if (region.precision === "bfloat16") throw new RangeError("the plain product takes float32 weights");
  const weights = new Float32Array(memory, weightsAt, latents * columns);
  const rows = new Float32Array(memory, rowsAt, totalRows * columns);
  const output = new Float32Array(memory, outputAt, blockRows * latents);
  return {
    multiply({ block }) {
      for (let row = 0; row < blockRows; row++) {
        const at = (block * blockRows + row) * columns;
        for (let latent = 0; latent < latents; latent++) {
          let sum = 0;
          for (let c = 0; c < columns; c++) sum += (rows[at + c] ?? 0) * (weights[latent * columns + c] ?? 0);
          output[row * latents + latent] = sum;
        }
      }
    },
    close() {},
  };
};
