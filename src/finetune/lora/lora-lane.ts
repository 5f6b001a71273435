/** One lane of training: examples run one after the other, and their gradients are summed in the lane's own memory. */

import type { Tensor } from "../../engine/llama/graph-builder.ts";
import { GraphLane } from "../../engine/llama/graph-lane.ts";
import { readTensor, TensorShelf } from "../../engine/llama/tensor-shelf.ts";
import type { MatrixName } from "../types.ts";
import type { AdapterTensors } from "./adapted-product.ts";
import { type AdapterSlot, parameterCount } from "./adapter-parameters.ts";
import { type ExampleRun, runExample } from "./example-graph.ts";
import type { ExampleRows } from "./split-examples.ts";

/** The factors of one slot as graphs read them; shared by all lanes. */
export interface SlotTensors {
  a: Tensor;
  b: Tensor;
}

export class LoraLane {
  readonly lane: GraphLane;
  readonly #shelf: TensorShelf;
  readonly #slots: readonly AdapterSlot[];
  readonly #adapters: AdapterTensors[];
  readonly #byName: Map<string, AdapterTensors>;

  constructor({
    slots,
    factors,
    threads,
  }: {
    slots: readonly AdapterSlot[];
    factors: readonly SlotTensors[];
    threads: number;
  }) {
    this.lane = new GraphLane({ threads });
    this.#slots = slots;
    this.#shelf = new TensorShelf({ count: 2 * slots.length });
    this.#adapters = slots.map(({ inputs, outputs, rank }, index) => {
      const factor = factors[index];
      if (factor === undefined) throw new RangeError(`slot ${index} has no factors`);
      return {
        ...factor,
        gradientA: this.#shelf.add({ type: "f32", columns: inputs, rows: rank }),
        gradientB: this.#shelf.add({ type: "f32", columns: outputs, rows: rank }),
      };
    });
    this.#shelf.allocate();
    this.#byName = new Map(
      slots.flatMap(({ layer, matrix }, index) => {
        const adapter = this.#adapters[index];
        return adapter === undefined ? [] : [[`${layer} ${matrix}`, adapter]];
      }),
    );
  }

  /** Losses by example. */
  async run({
    examples,
    ...options
  }: Omit<ExampleRun, "lane" | "example" | "adapterOf" | "lowestAdapted"> & {
    examples: readonly ExampleRows[];
  }): Promise<Map<number, number>> {
    const losses = new Map<number, number>();
    const adapterOf = (layer: number, matrix: MatrixName) => this.#byName.get(`${layer} ${matrix}`) ?? null;
    const lowestAdapted = Math.min(...this.#slots.map(({ layer }) => layer));
    for (const example of examples) {
      const loss = await runExample({ ...options, lane: this.lane, example, adapterOf, lowestAdapted });
      losses.set(example.number, loss);
    }
    return losses;
  }

  /** The sums so far, laid out as the parameters are; B's are with respect to the scaled B. */
  gradients(): Float32Array {
    const values = new Float32Array(parameterCount(this.#slots));
    for (const [index, { aAt, bAt, outputs, rank }] of this.#slots.entries()) {
      const adapter = this.#adapters[index];
      if (adapter === undefined) continue;
      readTensor(adapter.gradientA, values.subarray(aAt, bAt));
      readTensor(adapter.gradientB, values.subarray(bAt, bAt + rank * outputs));
    }
    return values;
  }

  clear(): void {
    this.#shelf.clear();
  }

  close(): void {
    this.lane.close();
    this.#shelf.close();
  }
}
