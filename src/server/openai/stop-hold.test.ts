import fc from "fast-check";
import { expect, test } from "vitest";
import { StopHold } from "./stop-hold.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
  maxLength: 3,
});

test("the pieces make the text that ends before the first stop string, however the text grows", () => {
  fc.assert(
    fc.property(letters, stops, fc.array(fc.integer({ min: 1, max: 5 })), (text, stop, steps) => {
      const hold = new StopHold({ stop });
      const first = Math.min(text.length, ...stop.map((each) => text.indexOf(each)).filter((at) => at >= 0));
      let shown = "";
      let end = 0;
      for (const step of [...steps, text.length]) {
        end = Math.min(text.length, end + step);
        shown += hold.push(text.slice(0, end));
        expect(text.slice(0, first).startsWith(shown)).toBe(true);
      }
      expect(shown + hold.finish(text.slice(0, first))).toBe(text.slice(0, first));
    }),
  );
});

test("without stop strings everything is shown at once", () => {
  const hold = new StopHold({ stop: [] });
  expect([hold.push("a"), hold.push("abc"), hold.finish("abc")]).toEqual(["a", "bc", ""]);
});
