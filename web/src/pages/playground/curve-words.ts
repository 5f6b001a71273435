/** A curve in words, for who does not see it: where it begins, ends and has its mean. */
import { counted, fixed } from "../../lib/format.ts";

/** Tokens at either end that count as beginning and end. */
const END_TOKENS = 12;

export function curveWords({
  name,
  unit,
  values,
}: {
  name: string;
  unit: string;
  values: readonly (number | null)[];
}): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${name}: nothing measured yet.`;
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
  const all = `mean ${fixed(mean(known), 2)} ${unit}`;
  const over = `${name} over ${counted(known.length, "token")}: ${all}`;
  if (known.length < 2 * END_TOKENS) return `${over}.`;
  const [first, last] = [known.slice(0, END_TOKENS), known.slice(-END_TOKENS)];
  return `${over}; ${fixed(mean(first), 2)} over the first ${END_TOKENS}, ${fixed(mean(last), 2)} over the last.`;
}
