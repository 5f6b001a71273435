/** GBNF for JSON numbers between two bounds. Exact: nothing outside is allowed, and everything inside as `JSON.stringify` writes it is. */

export interface NumberBounds {
  /** Whole numbers within ±(2^53 - 1), inclusive; null where there is none. */
  min: number | null;
  max: number | null;
}

/** `JSON.stringify` writes whole numbers below 1e21 in full. */
const LARGEST = 10n ** 21n - 1n;
const FRACTION = '"." [0-9]{1,24}';
const MANTISSA = '[1-9] ("." [0-9]{1,20})?';
/** Below 1: how `JSON.stringify` writes numbers under 1e-6. */
const TINY = `${MANTISSA} "e-" [1-9] [0-9]{0,2}`;
/** From 1e21 on; the last decade below infinity is left out. */
const HUGE = `${MANTISSA} "e+" ("2" [1-9] | [3-9] [0-9] | [12] [0-9] [0-9] | "30" [0-7])`;

/** A GBNF expression for the whole numbers within bounds. `min` must not exceed `max`. */
export function integerGrammar({ min, max }: NumberBounds): string {
  const low = min === null ? -LARGEST : BigInt(min);
  const high = max === null ? LARGEST : BigInt(max);
  const parts: string[] = [];
  if (low < 0n) {
    parts.push(`"-" ${digits(high < 0n ? -high : 1n, -low)}`);
  }
  if (high >= 0n) {
    parts.push(digits(low > 0n ? low : 0n, high));
  }
  return anyOf(parts);
}

/** A GBNF expression for the numbers within bounds. `min` must not exceed `max`. */
export function numberGrammar({ min, max }: NumberBounds): string {
  const parts: string[] = [];
  if (min === null || min < 0) {
    parts.push(`"-" ${magnitudes(max !== null && max < 0 ? -max : 0, min === null ? null : -min)}`);
  }
  if (max === null || max >= 0) {
    parts.push(magnitudes(min !== null && min > 0 ? min : 0, max));
  }
  return anyOf(parts);
}

/** Numbers from `low` (0 or more) to `high`, the last without a fraction. */
function magnitudes(low: number, high: number | null): string {
  const parts: string[] = [];
  if (high === null) {
    parts.push(`${digits(BigInt(low), LARGEST)} (${FRACTION})?`, HUGE);
  } else {
    if (high > low) {
      parts.push(`${digits(BigInt(low), BigInt(high) - 1n)} (${FRACTION})?`);
    }
    parts.push(`"${high}" ("." "0"{1,3})?`);
  }
  if (low === 0 && high !== 0) {
    parts.push(TINY);
  }
  return anyOf(parts);
}

/** Decimal digits, without leading zeros, of the whole numbers from `low` (0 or more) to `high`. */
function digits(low: bigint, high: bigint): string {
  const parts: string[] = [];
  for (let from = low; from <= high; ) {
    const length = from.toString().length;
    const last = 10n ** BigInt(length) - 1n;
    const to = last < high ? last : high;
    parts.push(sameLength(from.toString(), to.toString()));
    from = to + 1n;
  }
  return anyOf(parts);
}

/** Texts of equal length between two texts of digits. */
function sameLength(low: string, high: string): string {
  const size = low.length;
  if (size === 0) {
    return '""';
  }
  if (low === high) {
    return `"${low}"`;
  }
  const [a, b] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (a === b) {
    return `"${a}" ${sameLength(lowRest, highRest)}`;
  }
  const [none, all] = ["0".repeat(size - 1), "9".repeat(size - 1)];
  const first = lowRest === none ? a : a + 1;
  const last = highRest === all ? b : b - 1;
  return anyOf([
    ...(first === a ? [] : [`"${a}" ${sameLength(lowRest, all)}`]),
    ...(first > last ? [] : [`[${first}-${last}]${size === 1 ? "" : ` [0-9]{${size - 1}}`}`]),
    ...(last === b ? [] : [`"${b}" ${sameLength(none, highRest)}`]),
  ]);
}

function anyOf(parts: string[]): string {
  return parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(" | ")})`;
}
