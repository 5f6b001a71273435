import fc from "fast-check";
import { expect, test } from "vitest";
import { growthOf, leakTable, PROCESSES } from "./growth.ts";

const samples = (values: readonly number[]) =>
  values.map((value, i) => ({ generations: 100 * (i + 1), engineMiB: value, parentMiB: 50 }));

test("what a steady leak adds between the first and the last quarter is its growth, whatever the warm-up did", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 50, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (base, step, warm) => {
        const after = Array.from({ length: 16 }, (_, i) => base + step * i);
        const { first, last, share } = growthOf({
          samples: samples([...warm, ...after]),
          warmUp: 400,
          of: ({ engineMiB }) => engineMiB,
        });
        expect(last - first).toBeCloseTo(12 * step, 6);
        expect(share).toBeCloseTo((12 * step) / first, 9);
      },
    ),
  );
});

test("what was given back at some time does not hide a leak", () => {
  const { share, rise } = growthOf({
    samples: samples([200, 200, 100, 100, 105, 110, 115, 120]),
    warmUp: 0,
    of: ({ engineMiB }) => engineMiB,
  });
  expect(share).toBeLessThan(0);
  expect(rise).toBeCloseTo(0.2, 9);
});

test("too few samples after the warm-up are no measurement", () => {
  expect(() =>
    growthOf({ samples: samples([1, 2, 3]), warmUp: 0, of: ({ engineMiB }) => engineMiB }),
  ).toThrow();
});

test("the table has a row for each process and says what was done", () => {
  const table = leakTable({
    cell: "leaks",
    date: "2026-01-02T03:04:05.000Z",
    machine: { cpu: "Abacus", cores: 2, memoryGiB: 4, platform: "linux x64", node: "v24.0.0" },
    libraries: {},
    settings: { model: "m", newTokens: 3 },
    warmUp: 0,
    samples: samples([100, 100, 101, 102]),
  });
  for (const { name } of PROCESSES) expect(table).toContain(`| ${name} |`);
  expect(table).toContain("| engine process | 100.0 | 102.0 | 2.00 % | 2.00 % |");
  expect(table).toContain("400 generations of 3 tokens");
});
