/** Cohen's kappa of two judges over the same items (Cohen 1960; weighted 1968). */
export interface KappaOptions {
  /** One label an item, from each judge. Weighted kappas need the labels' numeric order. */
  first: readonly number[];
  second: readonly number[];
  /** Cost of a disagreement: all equal, or growing with the distance of the labels' ranks. @default "none" */
  weights?: "none" | "linear" | "quadratic";
}

export interface Kappa {
  /** Null when there are no items or both judges always give the same single label. */
  kappa: number | null;
  /** Share of items with equal labels. */
  agreement: number | null;
  n: number;
}

export function cohenKappa({ first, second, weights = "none" }: KappaOptions): Kappa {
  const n = first.length;
  if (n !== second.length) {
    throw new RangeError(`two judges need equal numbers of labels, got ${n} and ${second.length}`);
  }
  if (n === 0) {
    return { kappa: null, agreement: null, n };
  }
  const labels = [...new Set([...first, ...second])].sort((x, y) => x - y);
  const rankOf = new Map(labels.map((label, rank) => [label, rank]));
  const cost = (i: number, j: number): number => {
    const distance = Math.abs(i - j);
    return weights === "none" ? Number(distance > 0) : weights === "linear" ? distance : distance ** 2;
  };
  const rows = new Array<number>(labels.length).fill(0);
  const columns = new Array<number>(labels.length).fill(0);
  let observed = 0;
  let equal = 0;
  first.forEach((label, item) => {
    const i = rankOf.get(label) ?? 0;
    const j = rankOf.get(second[item] ?? Number.NaN) ?? 0;
    rows[i] = (rows[i] ?? 0) + 1;
    columns[j] = (columns[j] ?? 0) + 1;
    observed += cost(i, j);
    equal += Number(i === j);
  });
  let expected = 0;
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      expected += (row * column * cost(i, j)) / n;
    });
  });
  return { kappa: expected === 0 ? null : 1 - observed / expected, agreement: equal / n, n };
}
