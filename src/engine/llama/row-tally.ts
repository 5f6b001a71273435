/** The part of a receipt that every kind of edit has: how many rows, how far they moved, their norms. */
import type { EditReceipt, Receipt } from "../engine.ts";

export class RowTally {
  #promptRows = 0;
  #generatedRows = 0;
  #dose = 0;
  #before = 0;
  #after = 0;

  /** Takes one edited row: squared norms of `h`, of `h'` and of `h' - h`. */
  add({
    isPrompt,
    before,
    after,
    moved,
  }: {
    isPrompt: boolean;
    before: number;
    after: number;
    moved: number;
  }): void {
    this.#promptRows += isPrompt ? 1 : 0;
    this.#generatedRows += isPrompt ? 0 : 1;
    this.#dose += before > 0 ? Math.sqrt(moved / before) : 0;
    this.#before += Math.sqrt(before);
    this.#after += Math.sqrt(after);
  }

  /** Adds the rows of another tally. */
  merge(other: RowTally): void {
    this.#promptRows += other.#promptRows;
    this.#generatedRows += other.#generatedRows;
    this.#dose += other.#dose;
    this.#before += other.#before;
    this.#after += other.#after;
  }

  /** Mean over the edited rows of something that was summed over them. */
  mean(sum: number): number {
    const rows = this.#promptRows + this.#generatedRows;
    return rows === 0 ? 0 : sum / rows;
  }

  receipt({ layer, edits }: { layer: number; edits: EditReceipt[] }): Receipt {
    return {
      layer,
      rowsEdited: this.#promptRows + this.#generatedRows,
      promptRows: this.#promptRows,
      generatedRows: this.#generatedRows,
      meanDose: this.mean(this.#dose),
      meanNormBefore: this.mean(this.#before),
      meanNormAfter: this.mean(this.#after),
      edits,
    };
  }
}

/** Squared norm of `rows[start..start + size]`. */
export function squares(rows: Float32Array, start: number, size: number): number {
  let sum = 0;
  for (let i = start; i < start + size; i++) {
    const value = rows[i] ?? 0;
    sum += value * value;
  }
  return sum;
}
