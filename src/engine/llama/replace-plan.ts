/** A `replace` edit made ready for the hook: every selected row becomes the dictionary's reconstruction of it, 0 or a given vector. */
import type { Intervention, Positions, Receipt, Replacement } from "../engine.ts";
import type { LatentReader } from "./latent-reader.ts";
import type { ApplyOptions, RowPlan } from "./row-plan.ts";
import { RowTally, squares } from "./row-tally.ts";

export class ReplacePlan implements RowPlan {
  readonly layer: number;
  readonly positions: Positions;
  readonly reconstructs: LatentReader | null;
  readonly #by: Replacement;
  readonly #tally = new RowTally();
  #dModel = 0;
  #rowsChanged = 0;
  #moved = 0;

  constructor({
    intervention,
    by,
    reader,
  }: {
    intervention: Omit<Intervention, "edits">;
    by: Replacement;
    reader: (sae: string) => LatentReader;
  }) {
    this.layer = intervention.layer;
    this.positions = intervention.positions;
    this.#by = by;
    this.reconstructs = by.kind === "reconstruction" ? reader(by.sae) : null;
    this.reconstructs?.prepareReconstruction();
  }

  clampedLatents(): Map<LatentReader, number[]> {
    return new Map();
  }

  apply({ rows, index, dModel: size, isPrompt, reconstruction }: ApplyOptions): void {
    const replacement = this.#replacement(reconstruction);
    this.#dModel = size;
    const start = index * size;
    const before = squares(rows, start, size);
    let moved = 0;
    for (let i = 0; i < size; i++) {
      const value = replacement?.[i] ?? 0;
      const delta = value - (rows[start + i] ?? 0);
      moved += delta * delta;
      rows[start + i] = value;
    }
    this.#rowsChanged += moved > 0 ? 1 : 0;
    this.#moved += moved;
    this.#tally.add({ isPrompt, before, after: squares(rows, start, size), moved });
  }

  adopt(other: RowPlan): void {
    if (!(other instanceof ReplacePlan)) throw new Error("a plan can only adopt the rows of an equal one");
    this.#tally.merge(other.#tally);
    this.#dModel = other.#dModel;
    this.#rowsChanged += other.#rowsChanged;
    this.#moved += other.#moved;
  }

  receipt(): Receipt {
    return this.#tally.receipt({
      layer: this.layer,
      edits: [
        {
          kind: "replace",
          latent: null,
          rowsChanged: this.#rowsChanged,
          meanValueBefore: null,
          meanValueAfter: null,
          meanSquaredError: this.#dModel === 0 ? 0 : this.#tally.mean(this.#moved) / this.#dModel,
        },
      ],
    });
  }

  /** null stands for zeros. */
  #replacement(reconstruction: Float32Array | null): Float32Array | null {
    switch (this.#by.kind) {
      case "zero":
        return null;
      case "vector":
        return this.#by.vector;
      case "reconstruction":
        if (reconstruction === null) {
          throw new Error("a row is to be reconstructed and its reconstruction is missing");
        }
        return reconstruction;
      default:
        return this.#by satisfies never;
    }
  }
}
