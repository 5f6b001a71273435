import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

/** The same value with the keys of every object in another order of insertion. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reordered);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, reordered(item)] as const);
    return Object.fromEntries(entries.reverse());
  }
  return value;
}

describe("canonical JSON", () => {
  it("does not depend on the order in which keys were set", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it("is JSON and loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read: unknown = JSON.parse(canonicalJson(value));
        // -0 and 0 are one number here
        expect(canonicalJson(read)).toBe(canonicalJson(value));
        expect(read).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is equal for equal values only", () => {
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isDeepStrictEqual(plain(a), plain(b)));
      }),
    );
    expect(canonicalJson("1")).not.toBe(canonicalJson(1));
    expect(canonicalJson([1, [2]])).not.toBe(canonicalJson([[1], 2]));
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });

  it("writes keys sorted by code unit and numbers in one form", () => {
    expect(canonicalJson({ b: 1.0, a: -0, Z: 1e21, é: [1, undefined].slice(0, 1), gone: undefined })).toBe(
      '{"Z":1e+21,"a":0,"b":1,"é":[1]}',
    );
  });

  it.each([
    ["$.a", { a: Number.NaN }],
    ["$[1]", [1, Number.POSITIVE_INFINITY]],
    ["$.v", { v: Float32Array.of(1) }],
    ["$[0].d", [{ d: new Date(0) }]],
    ["$[0]", [undefined]],
    ["$[0]", new Array(1)],
    ["$.n", { n: 1n }],
  ])("refuses at %s what JSON would bend", (place, value) => {
    expect(() => canonicalJson(value)).toThrow(`${place} has no JSON form`);
  });
});
