/** Rows with known sparse causes, from a source that can begin anywhere. */
import type { ActivationSource } from "../../src/sae/train/activation-source.ts";

export interface RowsOptions {
  dModel: number;
  /** Directions that rows are sums of. */
  causes: number;
  /** Of each row. */
  active: number;
  seed: number;
  /** Rows given out already. @default 0 */
  position?: number;
  /** Rows in all. @default no end */
  end?: number;
  /** Called before rows are given out. */
  onNext?: (position: number) => void;
}

function hashed(...words: number[]): number {
  let h = 0x811c9dc5;
  for (const word of words) {
    h = Math.imul(h ^ word, 0x01000193);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h ^= h >>> 13;
  }
  return (h >>> 0) / 2 ** 32;
}

/** Each row is a function of its index. */
export function sparseRows(options: RowsOptions): ActivationSource {
  const { dModel, causes, active, seed, end = Number.POSITIVE_INFINITY, onNext } = options;
  let { position = 0 } = options;
  const direction = (cause: number, c: number) => hashed(seed, 1, cause, c) - 0.5;
  return {
    dModel,
    async next({ max }) {
      onNext?.(position);
      const count = Math.min(max, end - position);
      const rows = new Float32Array(count * dModel);
      for (let row = 0; row < count; row++) {
        for (let a = 0; a < active; a++) {
          const cause = Math.floor(hashed(seed, 2, position + row, a) * causes);
          const strength = 1 + hashed(seed, 3, position + row, a);
          for (let c = 0; c < dModel; c++) {
            rows[row * dModel + c] = (rows[row * dModel + c] ?? 0.2) + strength * direction(cause, c);
          }
        }
      }
      position += count;
      return rows;
    },
    position: () => position,
    async close() {},
  };
}

/** Whole-array rows, given out in order. */
export function givenRows({ rows, dModel }: { rows: Float32Array; dModel: number }): ActivationSource {
  let at = 0;
  return {
    dModel,
    async next({ max }) {
      const taken = rows.slice(at, at + max * dModel);
      at += taken.length;
      return taken;
    },
    position: () => at / dModel,
    async close() {},
  };
}
