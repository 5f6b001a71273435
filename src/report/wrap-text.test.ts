import fc from "fast-check";
import { expect, it } from "vitest";
import { wrapText } from "./wrap-text.ts";

it("keeps every word in order and no line wider than the screen unless one word is", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(
      words,
      fc.integer({ min: 5, max: 40 }),
      fc.integer({ min: 0, max: 4 }),
      (list, width, indent) => {
        const wrapped = wrapText({ text: list.join(" "), width, indent });
        expect(wrapped.split(/\s+/).filter((word) => word !== "")).toEqual(list);
        for (const line of wrapped.split("\n")) {
          expect(line.length <= width || line.trim().split(" ").length === 1).toBe(true);
        }
      },
    ),
  );
});
