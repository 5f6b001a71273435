/** Paired and Welch t tests (two-sided). `t` and `p` are null when there are too few values or no variance. */
import { summarizeMean } from "./mean.ts";
import { studentTwoSided } from "./student-t.ts";

export interface TTest {
  /** Mean of the first minus mean of the second. */
  difference: number | null;
  t: number | null;
  df: number | null;
  p: number | null;
}

const UNDEFINED: TTest = { difference: null, t: null, df: null, p: null };

export function pairedT({ first, second }: { first: readonly number[]; second: readonly number[] }): TTest {
  if (first.length !== second.length) {
    throw new RangeError(`pairs need equal lengths, got ${first.length} and ${second.length}`);
  }
  const { mean, standardError, n } = summarizeMean(first.map((x, i) => x - (second[i] ?? Number.NaN)));
  if (mean === null || standardError === null || standardError === 0) {
    return { ...UNDEFINED, difference: mean };
  }
  const t = mean / standardError;
  return { difference: mean, t, df: n - 1, p: studentTwoSided({ t, df: n - 1 }) };
}

export function welchT({ first, second }: { first: readonly number[]; second: readonly number[] }): TTest {
  const a = summarizeMean(first);
  const b = summarizeMean(second);
  const difference = a.mean === null || b.mean === null ? null : a.mean - b.mean;
  if (difference === null || a.standardError === null || b.standardError === null) {
    return { ...UNDEFINED, difference };
  }
  const va = a.standardError ** 2;
  const vb = b.standardError ** 2;
  if (va + vb === 0) {
    return { ...UNDEFINED, difference };
  }
  const t = difference / Math.sqrt(va + vb);
  const df = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  return { difference, t, df, p: studentTwoSided({ t, df }) };
}
