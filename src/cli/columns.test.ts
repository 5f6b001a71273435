import { describe, expect, it } from "vitest";
import { layOutColumns } from "./columns.ts";
import { displayWidth } from "./display-width.ts";

const left = { title: "unsteered", text: "Beat three eggs in a bowl, and heat the butter." };
const right = { title: "steered", text: "The dragon 龍 beats its wings." };

describe("layOutColumns", () => {
  it("stands both beside each other on a wide screen, the bar at one place", () => {
    const lines = layOutColumns({ left, right, width: 80 });
    expect(lines).toMatchInlineSnapshot(`
      [
        "unsteered                              │ steered",
        "Beat three eggs in a bowl, and heat    │ The dragon 龍 beats its wings.",
        "the butter.                            │",
      ]
    `);
    for (const line of lines) {
      expect(displayWidth(line)).toBeLessThanOrEqual(80);
    }
  });

  it("puts one after the other on a narrow screen", () => {
    expect(layOutColumns({ left, right, width: 40 })).toMatchInlineSnapshot(`
      [
        "unsteered",
        "Beat three eggs in a bowl, and heat the",
        "butter.",
        "",
        "steered",
        "The dragon 龍 beats its wings.",
      ]
    `);
  });

  it("keeps the bar in place for styled titles", () => {
    const lines = layOutColumns({ left, right, width: 80, style: (title) => `\x1b[1m${title}\x1b[22m` });
    expect(displayWidth((lines[0] ?? "").split("│")[0] ?? "")).toBe(39);
  });
});
