/** A place where ggml graphs run one after the other, outside the event loop: a CPU backend with its own threads and working memory. */
import { CountersteerError } from "../../errors.ts";
import { native, type Pointer } from "./bindings.ts";
import { openCpuBackend } from "./cpu-backend.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { graphOps } from "./graph-ops.ts";

function failed({ what, why }: { what: string; why: string }): CountersteerError {
  return new CountersteerError("ENGINE_CRASHED", {
    what,
    why,
    todo: "Free some memory, or lower the rows of a pass, and run again.",
  });
}

export class GraphLane {
  readonly #backend: Pointer;
  readonly #allocator: Pointer;

  constructor({ threads }: { threads: number }) {
    this.#backend = openCpuBackend({ threads });
    this.#allocator = graphOps().newAllocator(graphOps().bufferType(this.#backend));
  }

  /** Bytes of working memory that the largest graph so far needed. */
  get bytes(): number {
    return Number(graphOps().allocatorBytes(this.#allocator, 0));
  }

  /** Gives every tensor of the graph its memory, until the next call. Throws ENGINE_CRASHED. */
  place(builder: GraphBuilder): void {
    const placed: boolean = graphOps().allocateGraph(this.#allocator, builder.graph);
    if (!placed)
      throw failed({ what: "The training graph did not fit.", why: "There was no memory for it." });
  }

  /** Runs on a thread of its own. Throws ENGINE_CRASHED. */
  async run(builder: GraphBuilder): Promise<void> {
    const status = await new Promise<number>((resolve, reject) => {
      native().computeGraph.async(this.#backend, builder.graph, (error: unknown, result: number) =>
        error ? reject(error) : resolve(result),
      );
    });
    if (status !== 0)
      throw failed({ what: `ggml returned status ${status}.`, why: "The training graph did not run." });
  }

  close(): void {
    graphOps().freeAllocator(this.#allocator);
    native().freeBackend(this.#backend);
  }
}
