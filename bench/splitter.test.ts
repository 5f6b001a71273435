/** The committed splitter cases, and what the published result says about them. */
import { describe, expect, test } from "vitest";
import { halfOf, readSplitterParts, readSplitterSet } from "../scripts/build-splitter-set.ts";
import { SPLITTER_VERSION } from "../src/judge/restart-splitter.ts";
import { readStored } from "./result.ts";
import { splitterAccuracy } from "./splitter-accuracy.ts";
import { splitterResultSchema } from "./splitter-table.ts";

const cases = readSplitterSet();
const parts = readSplitterParts();

describe("the splitter's cases", () => {
  test("are at least 400, with at least 80 restart wordings", () => {
    expect(cases.length).toBeGreaterThanOrEqual(400);
    expect(new Set(Object.values(parts.restarts).flat()).size).toBeGreaterThanOrEqual(80);
  });

  test("have a wording of their own half at every boundary", () => {
    for (const { half, response, boundaries } of cases) {
      const wordings = Object.entries(parts.restarts).flatMap(([family, all]) =>
        halfOf({ list: "restarts", family }) === half ? all : [],
      );
      for (const at of boundaries) expect(wordings.some((text) => response.startsWith(text, at))).toBe(true);
    }
  });

  test("of one half share no family of wordings with the other", () => {
    const families = (half: string) =>
      new Set(
        cases
          .filter((each) => each.half === half && /restart|look/.test(each.kind))
          .map((each) => each.family),
      );
    expect([...families("development")].filter((family) => families("held-out").has(family))).toEqual([]);
  });
});

describe("the published splitter accuracy", () => {
  const stored = splitterResultSchema.parse(readStored({ cell: "splitter" }));

  test("is that of the splitter and the cases as they are", () => {
    expect(stored.splitter).toBe(SPLITTER_VERSION);
    for (const half of ["development", "held-out"] as const) {
      expect(stored.halves[half]).toEqual(splitterAccuracy(cases.filter((each) => each.half === half)));
    }
  });

  test.each(["development", "held-out"] as const)("has an F1 of at least 0.95 on the %s half", (half) => {
    expect(stored.halves[half].f1).toBeGreaterThanOrEqual(0.95);
  });
});
