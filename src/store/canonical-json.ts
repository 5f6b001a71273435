/** One text for one value: the form that is hashed wherever content decides identity. */
import { createHash } from "node:crypto";

/**
 * JSON with keys in code-unit order, no white space, -0 as 0; absent and `undefined` fields are the same. Values that JSON would lose or
 * bend (NaN, infinities, typed arrays, dates, functions, undefined list items) throw a TypeError that names their place.
 */
export function canonicalJson(value: unknown): string {
  return encode(value, "$");
}

/** First 32 hex digits of the SHA-256 of the canonical form. */
export function canonicalHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 32);
}

function encode(value: unknown, place: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, i) => encode(item, `${place}[${i}]`)).join(",")}]`;
  }
  if (isPlain(value)) {
    const fields = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${encode(item, `${place}.${key}`)}`);
    return `{${fields.join(",")}}`;
  }
  throw new TypeError(
    `${place} has no JSON form: ${typeof value === "object" ? "an object of a class" : String(value)}`,
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
