/** DESIGN.md 4, invariant 11: every published number is data. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DOCUMENTS, handWrittenSpeeds, refreshTables, TABLES } from "./document-tables.ts";
import type { BenchResult, BenchRun } from "./result.ts";
import { resultSchema } from "./result.ts";
import { ratioOf, speedOf } from "./summary.ts";
import { VARIANTS } from "./variant-names.ts";

const { fast, equalWeights, peer, steered, unsteered } = VARIANTS;

function runs({ group, speeds }: { group: string; speeds: Record<string, number[]> }): BenchRun[] {
  return Object.entries(speeds).flatMap(([variant, values]) =>
    values.map((speed, repetition) => ({
      group,
      rows: 8,
      variant,
      repetition,
      tokens: speed * 2,
      seconds: 2,
      rowsEdited: variant === unsteered ? 0 : speed,
    })),
  );
}

const RESULT: BenchResult = {
  cell: "steered-sampling",
  date: "2026-01-02T03:04:05.000Z",
  machine: { cpu: "Abacus", cores: 2, memoryGiB: 4, platform: "linux x64", node: "v24.0.0" },
  loadBefore: [0.1, 0.2, 0.3],
  loadAfter: [2, 1, 0.5],
  libraries: { "llama.cpp": "1", torch: "2", transformers: "3" },
  settings: { model: "m", newTokens: 100, promptTokens: 30 },
  runs: [
    ...runs({
      group: "peer",
      speeds: { [fast]: [200, 210, 600], [equalWeights]: [150, 150, 150], [peer]: [100, 70, 300] },
    }),
    ...runs({ group: "cost", speeds: { [steered]: [90, 99], [unsteered]: [100, 100] } }),
  ],
};

const page = (between: string) =>
  `before\n\n<!-- bench:steered-sampling -->${between}<!-- /bench -->\n\nafter\n`;
const read = (cell: string) => (cell === RESULT.cell ? RESULT : null);

describe("documents", () => {
  for (const document of DOCUMENTS) {
    const file = fileURLToPath(new URL(`../${document}`, import.meta.url));
    it.runIf(existsSync(file))(
      `${document} holds the tables that the results give, and no speed without data`,
      () => {
        const text = readFileSync(file, "utf8");
        expect(refreshTables({ text })).toBe(text);
        expect(handWrittenSpeeds(text)).toEqual([]);
      },
    );
  }
});

describe("tables in documents", () => {
  it("a stale table is seen, and refreshing twice is refreshing once", () => {
    for (const between of ["\n", "", "\n\n| rows |\n\n"]) {
      const fresh = refreshTables({ text: page(between), read });
      expect(fresh).not.toBe(page(between));
      expect(refreshTables({ text: fresh, read })).toBe(fresh);
    }
  });

  it("text outside the marks stays as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const fresh = refreshTables({ text: `${before}${page("\n")}${after}`, read });
        expect(fresh.startsWith(`${before}before\n`)).toBe(true);
        expect(fresh.endsWith(`\nafter\n${after}`)).toBe(true);
      }),
    );
  });

  it("a changed result makes the table stale", () => {
    const fresh = refreshTables({ text: page("\n"), read });
    const [first, ...rest] = RESULT.runs;
    if (first === undefined) throw new Error("the result has no runs");
    const slower = { ...RESULT, runs: [{ ...first, seconds: 20 }, ...rest] };
    expect(refreshTables({ text: fresh, read: () => slower })).not.toBe(fresh);
  });

  it("a mark without a result file, an unknown mark and half a pair are refused", () => {
    expect(() => refreshTables({ text: page("\n"), read: () => null })).toThrow(
      /steered-sampling\.json does not exist/,
    );
    expect(() => refreshTables({ text: "<!-- bench:nothing -->\n<!-- /bench -->", read })).toThrow(
      /no table/,
    );
    expect(() => refreshTables({ text: "<!-- bench:steered-sampling -->\n", read })).toThrow(
      /half of a pair/,
    );
    expect(() => refreshTables({ text: "<!-- /bench -->", read })).toThrow(/half of a pair/);
  });

  it("a speed written by hand is seen, one in a generated table is not", () => {
    const claim = "It samples 480 tokens/s, 2.4 times faster than others.";
    expect(handWrittenSpeeds(`${claim}\n${page(`\n${claim}\n`)}`)).toEqual([claim]);
    expect(handWrittenSpeeds("100 new tokens, 3 repetitions, 1 second")).toEqual([]);
  });

  it("every speed table can be made from the result of its cell, and none from something else", () => {
    for (const { cell, render } of Object.values(TABLES)) {
      if (cell === RESULT.cell) expect(render(RESULT)).toMatch(/^\| rows \|/);
      expect(() => render({ cell })).toThrow();
    }
  });
});

describe("figures", () => {
  const of = { runs: RESULT.runs, group: "peer", rows: 8 };

  it("a speed is the median of the repetitions", () => {
    expect(speedOf({ ...of, variant: fast })).toEqual({ median: 210, min: 200, max: 600, repetitions: 3 });
    expect(speedOf({ ...of, group: "cost", variant: steered }).median).toBe(94.5);
  });

  it("a ratio is taken within a repetition, so that a slow repetition of both leaves it alone", () => {
    expect(ratioOf({ ...of, variant: fast, to: peer })).toEqual({
      median: 2,
      min: 2,
      max: 3,
      repetitions: 3,
    });
  });

  it("a variant that was not measured in every repetition has no ratio", () => {
    const lacking = RESULT.runs.filter(({ variant, repetition }) => variant !== peer || repetition !== 1);
    expect(() => ratioOf({ ...of, runs: lacking, variant: fast, to: peer })).toThrow(
      /3 repetitions against 2/,
    );
    expect(() => speedOf({ ...of, rows: 9, variant: fast })).toThrow(/not measured/);
  });

  it("a result with an empty run is refused", () => {
    const [first] = RESULT.runs;
    expect(resultSchema.safeParse(RESULT).success).toBe(true);
    expect(resultSchema.safeParse({ ...RESULT, runs: [{ ...first, tokens: 0 }] }).success).toBe(false);
    expect(resultSchema.safeParse({ ...RESULT, runs: [] }).success).toBe(false);
  });
});
