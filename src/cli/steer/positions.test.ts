import { describe, expect, it } from "vitest";
import { parsePositions } from "./positions.ts";

describe("--positions", () => {
  it.each([
    ["all", { kind: "all" }],
    ["prompt", { kind: "prompt" }],
    ["generated", { kind: "generated" }],
    ["0:12", { kind: "range", start: 0, end: 12 }],
    ["until:let me start again", { kind: "until-phrase", phrases: ["let me start again"] }],
    ["until:wait, no | sorry", { kind: "until-phrase", phrases: ["wait, no", "sorry"] }],
  ])("reads %j", (text, expected) => {
    expect(parsePositions(text)).toEqual(expected);
  });

  it.each(["", "All", "5:5", "7:3", "-1:4", "1:", ":4", "1.5:3", "until:", "until:a||b", "until"])(
    "refuses %j",
    (text) => {
      expect(() => parsePositions(text)).toThrow(`--positions can't be "${text}"`);
    },
  );
});
