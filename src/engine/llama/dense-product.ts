/**
 * The dense product of SAE training through ggml, over memory that it does not own: weights that change at every step are
 * read where they are, and the result is written where the kernels look for it. One graph for each block of rows.
 */
import koffi from "koffi";
import { CountersteerError } from "../../errors.ts";
import type { DenseProduct, OpenDenseProduct, ProductRegion } from "../../sae/train/dense-product.ts";
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";
import { openCpuBackend } from "./cpu-backend.ts";

const FLOAT_BYTES = 4;
/** Three tensors and a graph of one node fit many times. */
const BLOCK_CONTEXT_BYTES = 1 << 16;
const GRAPH_NODES = 16;
const MEMORY_ALIGNMENT = 64n;

function failed({ what, why }: { what: string; why: string }): CountersteerError {
  return new CountersteerError("ENGINE_CRASHED", {
    what,
    why,
    todo: "Free some memory and run again; training goes on from its last checkpoint.",
  });
}

/** Throws LIBRARY_MISMATCH (from loading the libraries), ENGINE_CRASHED, or RangeError for memory that begins off 64 bytes. */
export const openDenseProduct: OpenDenseProduct = (region) => {
  const n = native();
  const backend = openCpuBackend({ threads: region.threads });
  const base = koffi.address(region.memory);
  // ggml ends the process over this
  if (base % MEMORY_ALIGNMENT !== 0n) {
    n.freeBackend(backend);
    throw new RangeError(`the memory of a dense product begins at ${base}, not at a multiple of 64`);
  }
  const buffer: Pointer = n.bufferOver(base, region.memory.byteLength);
  const contexts: Pointer[] = [];
  const graphs = Array.from({ length: region.totalRows / region.blockRows }, (_, block) => {
    const { context, graph } = graphOf({ region, block, base, buffer });
    contexts.push(context);
    return graph;
  });
  return {
    multiply({ block }) {
      const status: number = n.computeGraph(backend, graphs[block]);
      if (status === 0) return;
      throw failed({
        what: `ggml returned status ${status} for the encoder product.`,
        why: "The product did not run.",
      });
    },
    close() {
      for (const context of contexts.splice(0)) n.free(context);
      n.freeBuffer(buffer);
      n.freeBackend(backend);
    },
  } satisfies DenseProduct;
};

function graphOf({
  region,
  block,
  base,
  buffer,
}: {
  region: ProductRegion;
  block: number;
  base: Pointer;
  buffer: Pointer;
}): { context: Pointer; graph: Pointer } {
  const n = native();
  const { columns, latents, blockRows, weightsAt, rowsAt, outputAt } = region;
  const context: Pointer = n.init({ mem_size: BLOCK_CONTEXT_BYTES, mem_buffer: null, no_alloc: true });
  const type = region.precision === "bfloat16" ? GGML_TYPE.bf16 : GGML_TYPE.f32;
  const weights: Pointer = n.newTensor2d(context, type, columns, latents);
  const rows: Pointer = n.newTensor2d(context, GGML_TYPE.f32, columns, blockRows);
  const output: Pointer = n.mulMat(context, weights, rows);
  const graph: Pointer = n.newGraph(context, GRAPH_NODES, false);
  n.buildForward(graph, output);
  const places: [Pointer, number][] = [
    [weights, weightsAt],
    [rows, rowsAt + block * blockRows * columns * FLOAT_BYTES],
    [output, outputAt],
  ];
  for (const [tensor, at] of places) {
    const status: number = n.placeTensor(buffer, tensor, base + BigInt(at));
    if (status !== 0)
      throw failed({ what: `ggml returned status ${status}.`, why: "A tensor did not fit its memory." });
  }
  return { context, graph };
}
