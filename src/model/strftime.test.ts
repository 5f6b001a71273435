import { expect, test } from "vitest";
import { strftime } from "./strftime.ts";

const date = new Date(Date.UTC(2024, 6, 6, 9, 5, 3));

test.each([
  ["%d %b %Y", "06 Jul 2024"],
  ["%A, %B %-d, %y", "Saturday, July 6, 24"],
  ["%Y-%m-%dT%H:%M:%S", "2024-07-06T09:05:03"],
  ["%a 100%%", "Sat 100%"],
])("%s is written as C's strftime does", (format, expected) => {
  expect(strftime({ date, format })).toBe(expected);
});

test("a directive that isn't known is refused, not passed through", () => {
  expect(() => strftime({ date, format: "%Q" })).toThrow("%Q");
});
