import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCode } from "../errors.ts";
import { realNumber, wholeNumber, wholeNumbers } from "./numbers.ts";

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isCode(error, "CONFIG_INVALID") ? `${error.what} ${error.why}` : `another error: ${error}`;
  }
  return "no error";
}

describe("numbers from the command line", () => {
  it("reads every whole number as itself", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(wholeNumber({ flag: "--n" })(String(value))).toBe(value);
      }),
    );
  });

  it("reads every finite number as itself", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(realNumber({ flag: "--x" })(String(value))).toBeCloseTo(value, 12);
      }),
    );
  });

  it.each(["", " ", "5 ", "0x10", "1e3", "3.0", "NaN", "Infinity", "12abc", "1_000", "9007199254740993"])(
    "refuses %j as a whole number",
    (text) => {
      expect(refusal(() => wholeNumber({ flag: "--n" })(text))).toMatch(/^--n can't be/);
    },
  );

  it.each(["", "NaN", "Infinity", "1e999", "0x10", "1,5", "--3"])("refuses %j as a number", (text) => {
    expect(refusal(() => realNumber({ flag: "--x" })(text))).toMatch(/^--x can't be/);
  });

  it("keeps to its range and names it", () => {
    const parse = wholeNumber({ flag: "--n", min: 1, max: 4 });
    expect(parse("4")).toBe(4);
    expect(refusal(() => parse("0"))).toContain("a whole number of at least 1 and at most 4");
    expect(refusal(() => realNumber({ flag: "--x", max: 1 })("2"))).toContain("a number of at most 1");
  });

  it("reads lists, and refuses holes and repetitions", () => {
    const parse = wholeNumbers({ flag: "--ablate", min: 0 });
    expect(parse("3, 1,20")).toEqual([3, 1, 20]);
    expect(refusal(() => parse("3,,1"))).toMatch(/^--ablate can't be ""/);
    expect(refusal(() => parse("3,1,3"))).toContain("3 stands in it twice");
  });
});
