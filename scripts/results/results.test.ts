import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pagesOf, REPRODUCTION, storedAgreement, storedEvaluations, storedResults } from "./files.ts";
import { curveCsv } from "./page.ts";
import { refreshReproduction } from "./reproduction.ts";
import { RESULTS } from "./stages.ts";

const out = fileURLToPath(new URL("../../docs/results", import.meta.url));
const results = storedResults({ out });

describe("docs/results", () => {
  test("every page and figure is what its data say", () => {
    for (const [file, text] of pagesOf({
      results,
      agreement: storedAgreement({ out }),
      evaluations: storedEvaluations({ out }),
    })) {
      expect(readFileSync(`${out}/${file}`, "utf8"), file).toBe(text);
    }
  });

  test("the table of docs/reproduction.md is what the data say", () => {
    const text = readFileSync(REPRODUCTION, "utf8");
    expect(refreshReproduction({ text, results })).toBe(text);
  });

  test("every design that is run has its result", () => {
    expect(results.map(({ design }) => design)).toEqual(RESULTS);
  });

  test("no published arm is without trials or holds more outcomes than scored trials", () => {
    for (const { design, arms } of results) {
      expect(arms.length, design).toBeGreaterThan(0);
      for (const { arm, counts } of arms) {
        expect(counts.generated, `${design} ${arm}`).toBeGreaterThan(0);
        expect(counts.improved).toBeLessThanOrEqual(counts.multiAttempt);
        expect(counts.multiAttempt).toBeLessThanOrEqual(counts.scored);
      }
    }
  });

  test("a curve has one line a level, in ascending order", () => {
    const dose = results.find(({ design }) => design === "dose");
    const lines = dose === undefined ? [] : curveCsv({ result: dose, index: 0 }).trim().split("\n").slice(1);
    const levels = lines.map((line) => Number(line.split(",")[0]));
    expect(levels).toEqual([0.5, 0.75, 1, 1.25, 1.5]);
  });
});

describe("a null result", () => {
  const [first] = results;
  if (first === undefined) throw new Error("docs/results holds no result");
  const row = {
    reference: "steered",
    treatment: "other",
    outcome: "multi-attempt",
    pairs: 4,
    values: { reference: 0, treatment: 0 },
    difference: { estimate: 0, lower: -10, upper: 10 },
    p: 1,
    pHolm: 1,
  };
  const pageOf = (comparisons: (typeof row)[]) =>
    pagesOf({ results: [{ ...first, comparisons }], agreement: null, evaluations: new Map() }).get(
      "README.md",
    ) ?? "";

  test("is printed as one, with the arms that had nothing at all", () => {
    const page = pageOf([row]);
    expect(page).toContain("**Null result**: none of 1 comparisons");
    expect(page).toContain("In 1 of 1 comparisons of rates neither arm had a single one.");
  });

  test("is none where an interval leaves 0 and p holds after Holm; a small p alone is not enough", () => {
    const told = { ...row, values: { reference: 0, treatment: 9 }, p: 0.001, pHolm: 0.004 };
    const clear = { ...told, difference: { estimate: 9, lower: 4, upper: 14 } };
    expect(pageOf([clear])).toContain("Told apart at 0.05 after Holm: 1 of 1 comparisons.");
    expect(pageOf([told])).toContain("**Null result**");
    expect(pageOf([{ ...clear, pHolm: 0.2 }])).toContain("**Null result**");
  });
});
