import fc from "fast-check";
import { expect, it } from "vitest";
import { mostBlockRows, planEpoch, rowOrder } from "./block-plan.ts";

const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 80 });
const blockRows = fc.integer({ min: 1, max: 500 });
const seed = fc.nat();
const epoch = fc.integer({ min: 0, max: 60_000 });

it("every epoch has every piece once, in blocks that fit the memory made for them", () => {
  fc.assert(
    fc.property(pieces, blockRows, seed, epoch, (rows, blockRows, seed, epoch) => {
      const blocks = planEpoch({ rows, blockRows, seed, epoch });
      expect(blocks.flat().sort((a, b) => a - b)).toEqual([...rows.keys()]);
      const most = mostBlockRows({ rows, blockRows });
      for (const block of blocks) {
        expect(block.length).toBeGreaterThan(0);
        expect(block.reduce((sum, piece) => sum + (rows[piece] ?? 0), 0)).toBeLessThanOrEqual(most);
      }
    }),
  );
});

it("epochs, seeds and blocks are shuffled differently, and equal ones equally", () => {
  const rows = Array.from({ length: 200 }, () => 1);
  const order = (seed: number, epoch: number) => planEpoch({ rows, blockRows: 50, seed, epoch }).flat();
  const orders = [order(0, 0), order(1, 0), order(0, 1), order(0, 2)];
  const within = [0, 1].flatMap((epoch) =>
    [0, 1].map((block) => [...rowOrder({ count: 200, seed: 0, epoch, block })]),
  );
  const all = [...orders, ...within].map((each) => each.join());
  expect(new Set(all).size).toBe(all.length);
  expect(order(1, 1)).toEqual(order(1, 1));
});

it("a block's order has every row once", () => {
  fc.assert(
    fc.property(fc.nat(300), seed, epoch, fc.nat(60_000), (count, seed, epoch, block) => {
      const order = rowOrder({ count, seed, epoch, block });
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }),
  );
});
