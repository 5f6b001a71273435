/** Pearson's and Spearman's correlation with the two-sided p of the t approximation. Nulls when a side has no variance or n < 3. */
import { midRanks } from "./ranks.ts";
import { studentTwoSided } from "./student-t.ts";

export interface Correlation {
  r: number | null;
  p: number | null;
  n: number;
}

interface Pairs {
  x: readonly number[];
  y: readonly number[];
}

export function pearson({ x, y }: Pairs): Correlation {
  const n = x.length;
  if (n !== y.length) {
    throw new RangeError(`pairs need equal lengths, got ${n} and ${y.length}`);
  }
  const meanX = x.reduce((sum, v) => sum + v, 0) / n;
  const meanY = y.reduce((sum, v) => sum + v, 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  x.forEach((v, i) => {
    const dx = v - meanX;
    const dy = (y[i] ?? Number.NaN) - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  });
  if (n < 3 || xx === 0 || yy === 0) {
    return { r: null, p: null, n };
  }
  const r = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  const df = n - 2;
  return { r, p: studentTwoSided({ t: r * Math.sqrt(df / (1 - r * r)), df }), n };
}

/** Pearson's correlation of mid-ranks. */
export function spearman({ x, y }: Pairs): Correlation {
  return pearson({ x: midRanks(x).ranks, y: midRanks(y).ranks });
}
