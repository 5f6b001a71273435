/** Equality for oracles, apart from any test runner. */
import { isDeepStrictEqual } from "node:util";

/** Throws where the two differ. */
export function same(found: unknown, wanted: unknown, what = "the two readings"): void {
  if (isDeepStrictEqual(found, wanted)) return;
  throw new Error(`${what} differ: ${shown(found)} against ${shown(wanted)}`);
}

/** Throws where it does not hold. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`it does not hold that ${what}`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 400);
}
