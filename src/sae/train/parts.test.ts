import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countThreshold } from "./batch-threshold.ts";
import { geometricMedian, meanNorm, meanRow } from "./centre.ts";
import { normalStream } from "./random.ts";
import { learningRateAt, totalSteps } from "./schedule.ts";
import { readTrainSettings } from "./settings.ts";
import { signed, unsigned } from "./wasm/expressions.ts";

describe("countThreshold", () => {
  test("is the n-th largest value, or 0 where there are fewer", () => {
    const value = fc.float({ min: Math.fround(1e-6), max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        fc.nat(30),
        (lists, below) => {
          const count = below + 1;
          const values = new Float32Array(lists.length * 6);
          lists.forEach((list, row) => {
            values.set(list, row * 6);
          });
          const found = countThreshold({
            values: new Int32Array(values.buffer),
            room: 6,
            counts: Int32Array.from(lists, ({ length }) => length),
            rows: lists.length,
            count,
          });
          expect(found).toBe(lists.flat().sort((a, b) => b - a)[count - 1] ?? 0);
        },
      ),
    );
  });
});

describe("the schedule", () => {
  const settings = readTrainSettings({
    latents: 2 ** 14,
    k: 4,
    batchRows: 10,
    totalRows: 1005,
    warmUpSteps: 10,
    decayFraction: 0.2,
  });
  const rate = (step: number) => learningRateAt({ settings, step });

  test("rises to the rule of Gao et al., stays, and falls linearly towards 0", () => {
    expect(totalSteps(settings)).toBe(100);
    expect(rate(0)).toBeCloseTo(2e-5, 10);
    expect(rate(9)).toBe(2e-4);
    expect(rate(80)).toBe(2e-4);
    expect(rate(90)).toBeCloseTo(1e-4, 10);
    expect(rate(99)).toBeCloseTo(1e-5, 10);
  });
});

describe("the centre", () => {
  test("the geometric median ignores a far outlier that moves the mean", () => {
    const rows = new Float32Array(2 * 21);
    for (let row = 0; row < 20; row++) rows.set([Math.cos(row), Math.sin(row)], 2 * row);
    rows.set([1e4, 0], 40);
    expect(meanRow({ rows, dModel: 2 })[0]).toBeGreaterThan(400);
    const [x = 9, y = 9] = geometricMedian({ rows, dModel: 2 });
    expect(Math.hypot(x, y)).toBeLessThan(0.5);
  });

  test("the mean norm is that of the rows", () => {
    expect(meanNorm({ rows: Float32Array.of(3, 4, 0, 1), dModel: 2 })).toBe(3);
  });
});

test("seeded normal numbers have mean 0 and variance 1, and differ between seeds", () => {
  const draw = (seed: number) => Array.from({ length: 20_000 }, normalStream({ seed }));
  const values = draw(5);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  expect(draw(5)).toEqual(values);
  expect(draw(6)).not.toEqual(values);
  expect(draw(5 + 2 ** 32)).not.toEqual(values);
});

test("numbers survive LEB128", () => {
  const decode = (bytes: number[], extend: boolean): number => {
    const bits = bytes.reduce((sum, byte, at) => sum + BigInt(byte & 127) * 2n ** BigInt(7 * at), 0n);
    return Number(extend ? BigInt.asIntN(7 * bytes.length, bits) : bits);
  };
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
      expect(decode(signed(value), true)).toBe(value);
      expect(decode(unsigned(value >>> 0), false)).toBe(value >>> 0);
    }),
  );
});

test.each([
  [{ latents: 100, k: 4, totalRows: 4096 }, "latents"],
  [{ latents: 96, k: 97, totalRows: 4096 }, "k"],
  [{ latents: 96, k: 4, totalRows: 4095 }, "totalRows"],
  [{ latents: 96, k: 4, totalRows: 4096, lr: 1 }, "lr"],
])("settings %j are refused for %s", (input, name) => {
  expect(() => readTrainSettings(input)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }),
  );
});
