/**
 * An intervention made ready for the hook: vectors looked up, receipts counted. All edits read the same unedited `h` (METHOD.md 3.2):
 * `h' = h + sum_j s_j d_j + sum_k (v_k - f_k(h)) d_k`.
 */
import type { Intervention, Positions, Receipt } from "../engine.ts";
import type { LatentReader } from "./latent-reader.ts";

interface PlannedEdit {
  kind: "add" | "clamp";
  direction: Float32Array;
  /** Strength of an add, target value of a clamp. */
  amount: number;
  latent: number | null;
  reader: LatentReader | null;
  rowsChanged: number;
  valuesBefore: number;
  valuesAfter: number;
}

export class EditPlan {
  readonly layer: number;
  readonly positions: Positions;
  readonly #edits: PlannedEdit[];
  #promptRows = 0;
  #generatedRows = 0;
  #dose = 0;
  #before = 0;
  #after = 0;

  constructor({
    intervention,
    reader,
  }: { intervention: Intervention; reader: (sae: string) => LatentReader }) {
    this.layer = intervention.layer;
    this.positions = intervention.positions;
    this.#edits = intervention.edits.map((edit) => {
      const counters = { rowsChanged: 0, valuesBefore: 0, valuesAfter: 0 };
      if (edit.kind === "clamp") {
        const from = reader(edit.sae);
        from.prepare([edit.latent]);
        const direction = from.dictionary.direction(edit.latent);
        return {
          kind: "clamp",
          direction,
          amount: edit.value,
          latent: edit.latent,
          reader: from,
          ...counters,
        };
      }
      if ("vector" in edit.direction) {
        const direction = edit.direction.vector;
        return { kind: "add", direction, amount: edit.strength, latent: null, reader: null, ...counters };
      }
      const from = reader(edit.direction.sae);
      const { latent } = edit.direction;
      const direction = from.dictionary.direction(latent);
      // the receipt reads the latent, so its encoder has to be readable too
      from.dictionary.encoderRow(latent);
      return { kind: "add", direction, amount: edit.strength, latent, reader: from, ...counters };
    });
  }

  /** Latents whose values `apply` needs, by their reader. */
  clampedLatents(): Map<LatentReader, number[]> {
    const wanted = new Map<LatentReader, number[]>();
    for (const { kind, reader, latent } of this.#edits) {
      if (kind === "clamp" && reader !== null && latent !== null) {
        wanted.set(reader, [...(wanted.get(reader) ?? []), latent]);
      }
    }
    return wanted;
  }

  /**
   * Edits row `index` of `rows` `[rows, d_model]` in place. `clampedValue` gives f_k(h) of a clamped latent at the unedited row.
   * `isPrompt` says on which side the row counts in the receipt.
   */
  apply({ rows, index, isPrompt, clampedValue }: ApplyOptions): void {
    const first = this.#edits[0];
    const size = first?.direction.length ?? 0;
    const start = index * size;
    const normBefore = Math.sqrt(squares(rows, start, size));
    // values are read before the first write: every edit sees the same h
    const planned = this.#edits.map((edit) => {
      const before = readBefore(edit, rows, index, clampedValue);
      return { edit, before, factor: edit.kind === "add" ? edit.amount : edit.amount - before };
    });
    const changing = planned.filter(({ factor }) => factor !== 0);
    let moved = 0;
    if (changing.length > 0) {
      for (let i = 0; i < size; i++) {
        let delta = 0;
        for (const { edit, factor } of changing) {
          delta += factor * (edit.direction[i] ?? 0);
        }
        moved += delta * delta;
        rows[start + i] = (rows[start + i] ?? 0) + delta;
      }
    }
    for (const { edit, before, factor } of planned) {
      edit.rowsChanged += factor === 0 ? 0 : 1;
      edit.valuesBefore += before;
      edit.valuesAfter += rectified(edit, rows, index);
    }
    this.#promptRows += isPrompt ? 1 : 0;
    this.#generatedRows += isPrompt ? 0 : 1;
    this.#dose += normBefore > 0 ? Math.sqrt(moved) / normBefore : 0;
    this.#before += normBefore;
    this.#after += Math.sqrt(squares(rows, start, size));
  }

  receipt(): Receipt {
    const rowsEdited = this.#promptRows + this.#generatedRows;
    const mean = (sum: number) => (rowsEdited === 0 ? 0 : sum / rowsEdited);
    return {
      layer: this.layer,
      rowsEdited,
      promptRows: this.#promptRows,
      generatedRows: this.#generatedRows,
      meanDose: mean(this.#dose),
      meanNormBefore: mean(this.#before),
      meanNormAfter: mean(this.#after),
      edits: this.#edits.map(({ kind, latent, reader, rowsChanged, valuesBefore, valuesAfter }) => ({
        kind,
        latent,
        rowsChanged,
        meanValueBefore: reader === null ? null : mean(valuesBefore),
        meanValueAfter: reader === null ? null : mean(valuesAfter),
      })),
    };
  }
}

export interface ApplyOptions {
  rows: Float32Array;
  index: number;
  isPrompt: boolean;
  clampedValue: (reader: LatentReader, latent: number) => number;
}

function readBefore(
  edit: PlannedEdit,
  rows: Float32Array,
  index: number,
  clampedValue: ApplyOptions["clampedValue"],
): number {
  if (edit.kind === "clamp" && edit.reader !== null && edit.latent !== null) {
    return clampedValue(edit.reader, edit.latent);
  }
  return rectified(edit, rows, index);
}

/** The latent's own reading of a row: its rectified pre-activation, which TopK's competition with other latents does not enter. */
function rectified({ reader, latent }: PlannedEdit, rows: Float32Array, index: number): number {
  return reader === null || latent === null ? 0 : Math.max(0, reader.preActivation(rows, index, latent));
}

function squares(rows: Float32Array, start: number, size: number): number {
  let sum = 0;
  for (let i = start; i < start + size; i++) {
    const value = rows[i] ?? 0;
    sum += value * value;
  }
  return sum;
}
