/** The path of a line over tokens, in a box of `values.length` by 1 with y from the top. */

export interface Domain {
  low: number;
  high: number;
}

/** From the values that share an axis; 0 is always on it. */
export function domainOf(curves: readonly (readonly (number | null)[])[]): Domain {
  let [low, high] = [0, 0];
  for (const curve of curves) {
    for (const value of curve) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low === high ? { low: 0, high: 1 } : { low, high };
}

/** Share of the height, from the top. */
export function heightOf(value: number, { low, high }: Domain): number {
  return (high - value) / (high - low);
}

/** Each token's value stands in the middle of its unit; a token without a value breaks the line. */
export function linePath(values: readonly (number | null)[], domain: Domain): string {
  let isOpen = false;
  const steps: string[] = [];
  for (const [token, value] of values.entries()) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    const y = Number(heightOf(value, domain).toFixed(4));
    steps.push(isOpen ? `L${token + 0.5} ${y}` : `M${token + 0.5} ${y}h0`);
    isOpen = true;
  }
  return steps.join("");
}

/** At most five round numbers within the domain, 0 among them. */
export function ticksOf({ low, high }: Domain): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}
