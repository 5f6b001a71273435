import { expect, test } from "vitest";
import { openDenseProduct } from "../../src/engine/llama/dense-product.ts";
import { openPlainProduct } from "../../src/sae/train/plain-product.ts";
import { webAssembly } from "../../src/sae/train/wasm/web-assembly.ts";
import { trainToy } from "../support/toy-training.ts";

test.each(["topk", "batchtopk"] as const)(
  "%s: native and plain products, float32 and bfloat16, give the same bits of the trained weights",
  async (variant) => {
    const settings = { variant, totalRows: 80 * 60, auxK: 16 };
    const plain = await trainToy({ settings, product: openPlainProduct });
    for (const precision of ["float32", "bfloat16"] as const) {
      const native = await trainToy({ settings, product: openDenseProduct, precision, workers: 2 });
      expect(native.reports, precision).toEqual(plain.reports);
      expect(native.weights, precision).toEqual(plain.weights);
    }
  },
);

test("the native product is that of the memory at the call, block by block", () => {
  const [latents, columns, totalRows, blockRows] = [64, 32, 64, 32];
  const { buffer: memory } = new webAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const weights = new Float32Array(memory, 0, latents * columns);
  const rowsAt = weights.byteLength;
  const rows = new Float32Array(memory, rowsAt, totalRows * columns);
  const outputAt = rowsAt + rows.byteLength;
  const output = new Float32Array(memory, outputAt, blockRows * latents);
  const product = openDenseProduct({
    memory,
    weightsAt: 0,
    latents,
    rowsAt,
    totalRows,
    columns,
    outputAt,
    blockRows,
    threads: 2,
  });
  rows.forEach((_, at) => {
    rows[at] = Math.cos(at);
  });
  for (const [block, shift] of [
    [1, 0],
    [0, 1],
    [1, 2],
  ] as const) {
    weights.forEach((_, at) => {
      weights[at] = Math.sin(at + shift);
    });
    product.multiply({ block });
    for (const [row, latent] of [
      [0, 0],
      [31, 63],
      [7, 20],
    ] as const) {
      let sum = 0;
      for (let c = 0; c < columns; c++) {
        sum += (weights[latent * columns + c] ?? 0) * (rows[(block * blockRows + row) * columns + c] ?? 0);
      }
      expect(output[row * latents + latent]).toBeCloseTo(sum, 4);
    }
  }
  product.close();
});
