import fc from "fast-check";
import { expect, it } from "vitest";
import { visibleText } from "./visible-text.ts";

it("shows what would hide or reorder text, and leaves the rest as it is", () => {
  expect(visibleText("a\u202eb\u2066c\u0000d\u001b[1m")).toBe("a[U+202E]b[U+2066]c[U+0000]d[U+001B][1m");
  expect(visibleText("naïve\tשלום 日本\n😀")).toBe("naïve\tשלום 日本\n😀");
  expect(visibleText("\ud800")).toBe("\ufffd");
});

it("changes nothing twice", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const once = visibleText(text);
      expect(visibleText(once)).toBe(once);
    }),
  );
});
