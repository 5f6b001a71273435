/** Numbers as people read them; "-" where there is none. */
import type { Interval } from "../stats/interval.ts";

export function percent(value: number | null, digits = 1): string {
  return value === null ? "-" : `${(100 * value).toFixed(digits)} %`;
}

export function fixed(value: number | null, digits = 1): string {
  return value === null ? "-" : value.toFixed(digits);
}

/** `[1.2, 6.0]`, the bounds times `scale`. */
export function bounds({ lower, upper }: Pick<Interval, "lower" | "upper">, scale = 1): string {
  return lower === null || upper === null ? "-" : `[${fixed(scale * lower)}, ${fixed(scale * upper)}]`;
}

/** At most three decimals, none where they are 0. */
export function short(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** Model output as one line of a table: no control characters, no line breaks. */
export function oneLine(text: string, length: number): string {
  const clean = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const points = [...clean];
  return points.length <= length ? clean : `${points.slice(0, Math.max(0, length - 1)).join("")}…`;
}
