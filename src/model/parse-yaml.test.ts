import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parseYaml } from "./parse-yaml.ts";

test("what was written is read", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parseYaml(stringify(plain))).toEqual(plain);
    }),
  );
});

test("a doubled key is refused, at any depth and in the longest text alike", () => {
  expect(() => parseYaml("a: 1\nb: { c: 1, c: 2 }\n")).toThrow(/The key c stands twice/);
  const long = Array.from({ length: 20_000 }, (_, i) => `key${i}: 1`).join("\n");
  expect(Object.keys(Object(parseYaml(long)))).toHaveLength(20_000);
  expect(() => parseYaml(`${long}\nkey7: 2`)).toThrow(/The key key7 stands twice/);
});

test.each([
  [
    "aliases that multiply",
    `${Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? "x" : `*a${i - 1}, *a${i - 1}`}]`).join("\n")}\n`,
  ],
  ["several documents", "a: 1\n---\na: 2\n"],
  ["a nest without end", `a: ${"[".repeat(10_000)}`],
  ["more than a megabyte", `a: ${"x".repeat(2 ** 20)}`],
])("%s are refused", (_name, text) => {
  expect(() => parseYaml(text)).toThrow();
});

test("no key reaches the prototypes", () => {
  const value = parseYaml("__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n");
  expect(Object.keys(Object(value))).toEqual(["__proto__", "constructor"]);
  expect(Reflect.has({}, "polluted")).toBe(false);
});
