/**
 * Adds and clamps made ready for the hook. All edits read the same unedited `h` (METHOD.md 3.2):
 * `h' = h + sum_j s_j d_j + sum_k (v_k - f_k(h)) d_k`, where a clamp may go only a share of its way.
 */
import type { AddEdit, ClampEdit, Intervention, Positions, Receipt } from "../engine.ts";
import type { LatentReader } from "./latent-reader.ts";
import type { ApplyOptions, RowPlan } from "./row-plan.ts";
import { RowTally, squares } from "./row-tally.ts";

interface PlannedEdit {
  kind: "add" | "clamp";
  direction: Float32Array;
  /** Strength of an add, target value of a clamp. */
  amount: number;
  /** Of a clamp: how much of the way to its value. */
  share: number;
  latent: number | null;
  reader: LatentReader | null;
  rowsChanged: number;
  valuesBefore: number;
  valuesAfter: number;
}

export class EditPlan implements RowPlan {
  readonly layer: number;
  readonly positions: Positions;
  readonly reconstructs = null;
  readonly #edits: PlannedEdit[];
  readonly #tally = new RowTally();

  constructor({
    intervention,
    edits,
    reader,
  }: {
    intervention: Omit<Intervention, "edits">;
    edits: (AddEdit | ClampEdit)[];
    reader: (sae: string) => LatentReader;
  }) {
    this.layer = intervention.layer;
    this.positions = intervention.positions;
    prefetch(edits, reader);
    this.#edits = edits.map((edit) => {
      const counters = { share: 1, rowsChanged: 0, valuesBefore: 0, valuesAfter: 0 };
      if (edit.kind === "clamp") {
        const from = reader(edit.sae);
        from.prepare([edit.latent]);
        const direction = from.dictionary.direction(edit.latent);
        return {
          ...counters,
          kind: "clamp",
          direction,
          amount: edit.value,
          share: edit.share ?? 1,
          latent: edit.latent,
          reader: from,
        };
      }
      if ("vector" in edit.direction) {
        const direction = edit.direction.vector;
        return { kind: "add", direction, amount: edit.strength, latent: null, reader: null, ...counters };
      }
      const from = reader(edit.direction.sae);
      const { latent } = edit.direction;
      const direction = from.dictionary.direction(latent);
      return { kind: "add", direction, amount: edit.strength, latent, reader: from, ...counters };
    });
  }

  clampedLatents(): Map<LatentReader, number[]> {
    const wanted = new Map<LatentReader, number[]>();
    for (const { kind, reader, latent } of this.#edits) {
      if (kind === "clamp" && reader !== null && latent !== null) {
        wanted.set(reader, [...(wanted.get(reader) ?? []), latent]);
      }
    }
    return wanted;
  }

  apply({ rows, index, dModel: size, isPrompt, clampedValue }: ApplyOptions): void {
    const start = index * size;
    const squaresBefore = squares(rows, start, size);
    // values are read before the first write: every edit sees the same h
    const planned = this.#edits.map((edit) => {
      const before = readBefore(edit, rows, index, clampedValue);
      const factor = edit.kind === "add" ? edit.amount : edit.share * (edit.amount - before);
      return { edit, before, factor };
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
      edit.valuesAfter += ownValue(edit, rows, index);
    }
    this.#tally.add({ isPrompt, before: squaresBefore, after: squares(rows, start, size), moved });
  }

  adopt(other: RowPlan): void {
    if (!(other instanceof EditPlan)) throw new Error("a plan can only adopt the rows of an equal one");
    this.#tally.merge(other.#tally);
    for (const [i, edit] of this.#edits.entries()) {
      const same = other.#edits[i];
      if (same === undefined) throw new Error("a plan can only adopt the rows of an equal one");
      edit.rowsChanged += same.rowsChanged;
      edit.valuesBefore += same.valuesBefore;
      edit.valuesAfter += same.valuesAfter;
    }
  }

  receipt(): Receipt {
    const tally = this.#tally;
    return tally.receipt({
      layer: this.layer,
      edits: this.#edits.map(({ kind, latent, reader, rowsChanged, valuesBefore, valuesAfter }) => ({
        kind,
        latent,
        rowsChanged,
        meanValueBefore: reader === null ? null : tally.mean(valuesBefore),
        meanValueAfter: reader === null ? null : tally.mean(valuesAfter),
      })),
    });
  }
}

/** Reads every row that the edits need, in one sweep over each dictionary. Throws LATENT_UNKNOWN, SAE_UNREADABLE. */
function prefetch(edits: (AddEdit | ClampEdit)[], reader: (sae: string) => LatentReader): void {
  const wanted = new Map<LatentReader, number[]>();
  for (const edit of edits) {
    const of = edit.kind === "clamp" ? edit : "latent" in edit.direction ? edit.direction : null;
    if (of !== null) {
      const from = reader(of.sae);
      wanted.set(from, [...(wanted.get(from) ?? []), of.latent]);
    }
  }
  for (const [{ dictionary }, latents] of wanted) {
    dictionary.prefetchDirections(latents);
    // the receipt reads every latent, also one that is only added
    dictionary.prefetchEncoder(latents);
  }
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
  return ownValue(edit, rows, index);
}

/** The latent's own reading of a row, which TopK's competition with other latents does not enter. */
function ownValue({ reader, latent }: PlannedEdit, rows: Float32Array, index: number): number {
  return reader === null || latent === null ? 0 : reader.valueOf(rows, index, latent);
}
