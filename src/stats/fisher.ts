/** Fisher's exact test of a 2x2 table, two-sided: the chance of all tables with these margins that are no likelier than this one. */
export interface FisherOptions {
  /** Rows are arms, columns are (success, failure). Whole counts. */
  table: readonly [readonly [number, number], readonly [number, number]];
}

export function fisherExact({ table }: FisherOptions): { oddsRatio: number | null; p: number } {
  const [[a, b], [c, d]] = table;
  if (![a, b, c, d].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`Fisher's test needs whole counts, got ${JSON.stringify(table)}`);
  }
  const total = a + b + c + d;
  const logFactorial = new Float64Array(total + 1);
  for (let k = 1; k <= total; k++) {
    logFactorial[k] = (logFactorial[k - 1] ?? 0) + Math.log(k);
  }
  const logChoose = (n: number, k: number): number =>
    (logFactorial[n] ?? Number.NaN) - (logFactorial[k] ?? Number.NaN) - (logFactorial[n - k] ?? Number.NaN);
  const chance = (x: number): number =>
    Math.exp(logChoose(a + b, x) + logChoose(c + d, a + c - x) - logChoose(total, a + c));
  // equal chances differ in the last digits; the slack keeps both sides of a symmetric table
  const observed = chance(a) * (1 + 1e-7);
  let p = 0;
  for (let x = Math.max(0, a - d); x <= Math.min(a + b, a + c); x++) {
    const here = chance(x);
    p += here <= observed ? here : 0;
  }
  const oddsRatio = b * c === 0 ? (a * d === 0 ? null : Number.POSITIVE_INFINITY) : (a * d) / (b * c);
  return { oddsRatio, p: Math.min(1, p) };
}
