/** What has to happen to each row of the running batch at each hooked layer: edit first, then read. */
import type { LatentReader } from "./latent-reader.ts";
import type { RowPlan } from "./row-plan.ts";

/** Receives what was read at one layer from one row. */
export interface Sink {
  layer: number;
  /** null takes the row of the residual stream itself. */
  reader: LatentReader | null;
  latents: number[];
  push: (values: Float32Array) => void;
}

export interface RowUse {
  plan: RowPlan | null;
  /** Whether the position policy selects this row. */
  edited: boolean;
  isPrompt: boolean;
  sink: Sink | null;
}

export class RowHook {
  #uses: (RowUse | null)[] = [];

  begin(): void {
    this.#uses = [];
  }

  /** Adds the use of the next row; null for a row that only pads the batch. */
  add(use: RowUse | null): void {
    this.#uses.push(use);
  }

  /** Layers that some row of the batch needs. */
  layers(): number[] {
    const layers = new Set<number>();
    for (const use of this.#uses) {
      if (use?.edited && use.plan) {
        layers.add(use.plan.layer);
      }
      if (use?.sink) {
        layers.add(use.sink.layer);
      }
    }
    return [...layers];
  }

  /** Handles the rows `[rows, d_model]` of a layer in place; true where an edit was applied. */
  handle(layer: number, rows: Float32Array): boolean {
    const changed = this.#edit(layer, rows);
    this.#read(layer, rows);
    return changed;
  }

  #edit(layer: number, rows: Float32Array): boolean {
    const dModel = rows.length / this.#uses.length;
    const edited: { index: number; plan: RowPlan; isPrompt: boolean }[] = [];
    const reconstructed = new Map<LatentReader, number[]>();
    const wanted = new Map<LatentReader, { indexes: number[]; latents: Set<number> }>();
    this.#uses.forEach((use, index) => {
      if (use === null || !use.edited || use.plan === null || use.plan.layer !== layer) {
        return;
      }
      edited.push({ index, plan: use.plan, isPrompt: use.isPrompt });
      const { reconstructs } = use.plan;
      if (reconstructs !== null) {
        const indexes = reconstructed.get(reconstructs) ?? [];
        indexes.push(index);
        reconstructed.set(reconstructs, indexes);
      }
      for (const [reader, latents] of use.plan.clampedLatents()) {
        const group = wanted.get(reader) ?? { indexes: [], latents: new Set() };
        group.indexes.push(index);
        for (const latent of latents) {
          group.latents.add(latent);
        }
        wanted.set(reader, group);
      }
    });
    const values = new Map<LatentReader, Map<number, Map<number, number>>>();
    for (const [reader, { indexes, latents }] of wanted) {
      values.set(reader, readTable(reader, rows, indexes, [...latents]));
    }
    const reconstructions = new Map<number, Float32Array>();
    for (const [reader, indexes] of reconstructed) {
      const all = reader.reconstruct({ rows, indexes });
      indexes.forEach((index, i) => {
        reconstructions.set(index, all.subarray(i * dModel, (i + 1) * dModel));
      });
    }
    for (const { index, plan, isPrompt } of edited) {
      const clampedValue = (reader: LatentReader, latent: number) =>
        values.get(reader)?.get(index)?.get(latent) ?? 0;
      const reconstruction = reconstructions.get(index) ?? null;
      plan.apply({ rows, index, dModel, isPrompt, clampedValue, reconstruction });
    }
    return edited.length > 0;
  }

  #read(layer: number, rows: Float32Array): void {
    const groups = new Map<string, { sink: Sink; indexes: number[]; sinks: Sink[] }>();
    const dModel = rows.length / this.#uses.length;
    this.#uses.forEach((use, index) => {
      const sink = use?.sink;
      if (!sink || sink.layer !== layer) {
        return;
      }
      if (sink.reader === null) {
        sink.push(rows.slice(index * dModel, (index + 1) * dModel));
        return;
      }
      const key = `${sink.reader.dictionary.path}:${sink.latents.join(",")}`;
      const group = groups.get(key) ?? { sink, indexes: [], sinks: [] };
      group.indexes.push(index);
      group.sinks.push(sink);
      groups.set(key, group);
    });
    for (const { sink, indexes, sinks } of groups.values()) {
      const values = sink.reader?.read({ rows, indexes, latents: sink.latents });
      const columns = (values?.length ?? 0) / indexes.length;
      sinks.forEach((each, i) => {
        each.push(values?.slice(i * columns, (i + 1) * columns) ?? new Float32Array(0));
      });
    }
  }
}

function readTable(
  reader: LatentReader,
  rows: Float32Array,
  indexes: number[],
  latents: number[],
): Map<number, Map<number, number>> {
  const values = reader.read({ rows, indexes, latents });
  return new Map(
    indexes.map((index, i) => [
      index,
      new Map(latents.map((latent, j) => [latent, values[i * latents.length + j] ?? 0])),
    ]),
  );
}
