import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CountersteerError,
  ERROR_CODES,
  fromErrorRecord,
  isCode,
  messageOf,
  toErrorRecord,
} from "./errors.ts";

const PAGES = new URL("../docs/errors/", import.meta.url);

const records = fc.record({
  code: fc.constantFrom(...ERROR_CODES),
  what: fc.string(),
  why: fc.string(),
  todo: fc.string(),
  facts: fc.dictionary(fc.string(), fc.jsonValue()),
});

describe("the pages of the error codes", () => {
  test("every code has a page, and every page a code", () => {
    expect(readdirSync(PAGES).sort()).toEqual(ERROR_CODES.map((code) => `${code}.md`).sort());
  });

  test.each(ERROR_CODES)(
    "the page of %s says what it means, its causes, what to do, and shows an example",
    (code) => {
      const page = readFileSync(new URL(`${code}.md`, PAGES), "utf8");
      expect(page).toMatch(
        new RegExp(
          `^# ${code}\n\n\\S[^\n]+\n\n## Causes\n\n- [^]+\n\n## What to do\n\n- [^]+\n\n## Example\n\n> [^]+\n$`,
        ),
      );
    },
  );
});

test("no code is listed twice", () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
});

test("an error survives the way through a record and JSON", () => {
  fc.assert(
    fc.property(records, (record) => {
      const sent: unknown = JSON.parse(JSON.stringify(toErrorRecord(fromErrorRecord(record))));
      expect(sent).toEqual(JSON.parse(JSON.stringify(record)));
    }),
  );
});

test("the message says what, why and what to do, in this order", () => {
  fc.assert(
    fc.property(records, ({ code, ...facts }) => {
      const error = new CountersteerError(code, facts);
      expect(messageOf(error)).toBe(`${facts.what} ${facts.why} ${facts.todo}`);
    }),
  );
});

test("isCode accepts an error of its code only, and nothing that merely looks like one", () => {
  const error = new CountersteerError("ABORTED", { what: "a", why: "b", todo: "c" });
  expect(isCode(error, "ABORTED")).toBe(true);
  expect(isCode(error, "DISK_FULL")).toBe(false);
  expect(isCode(toErrorRecord(error), "ABORTED")).toBe(false);
  expect(isCode(new Error("ABORTED"), "ABORTED")).toBe(false);
});

test("the cause is kept, and is absent where none was given", () => {
  const cause = new Error("deep");
  const text = { what: "a", why: "b", todo: "c" };
  expect(new CountersteerError("ABORTED", { ...text, cause }).cause).toBe(cause);
  expect("cause" in new CountersteerError("ABORTED", text)).toBe(false);
});
