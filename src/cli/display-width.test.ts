import { describe, expect, it } from "vitest";
import { displayWidth, fitWidth, printable } from "./display-width.ts";

describe("the width of text", () => {
  it.each([
    ["abc", 3],
    ["\x1b[31mabc\x1b[39m", 3],
    ["é", 1],
    ["龍", 2],
    ["🐉", 2],
    ["👩‍👩‍👧", 2],
    ["", 0],
  ])("of %j is %i", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it("cuts a text that is too wide, and only that", () => {
    expect(fitWidth({ text: "dragon", width: 6 })).toBe("dragon");
    expect(fitWidth({ text: "dragons", width: 6 })).toBe("drago…");
    expect(fitWidth({ text: "龍龍龍", width: 4 })).toBe("龍…");
  });

  it("lets no model move the cursor", () => {
    expect(printable("a\x1b[2Jb\rc\n\td\x7f")).toBe("a␛[2Jb␍c\n    d␡");
  });
});
