import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryBytes } from "./byte-source.ts";
import { type FloatDtype, float32ToBfloat16 } from "./float-bits.ts";
import { readRows, readVector } from "./read-rows.ts";
import { checkedTensor, type StoredTensor, transposed } from "./stored-tensor.ts";

/** Numbers that every type holds exactly. */
function numbers(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => ((i * 37) % 251) - 125);
}

function bytesOf(values: Float32Array, dtype: FloatDtype): Uint8Array {
  const stored =
    dtype === "float64"
      ? new Float64Array(values)
      : dtype === "float16"
        ? new Float16Array(values)
        : dtype === "bfloat16"
          ? float32ToBfloat16(values)
          : values;
  return new Uint8Array(stored.buffer);
}

function tensorOf({
  shape,
  strides,
  dtype = "float32",
  skip = 0,
}: {
  shape: [number, number];
  strides: [number, number];
  dtype?: FloatDtype;
  skip?: number;
}): { tensor: StoredTensor; at: (row: number, column: number) => number } {
  const count = skip + (shape[0] - 1) * strides[0] + (shape[1] - 1) * strides[1] + 1;
  const values = numbers(count);
  const bytes = bytesOf(values, dtype);
  const begin = (skip * bytes.length) / count;
  const source = memoryBytes({ path: "tensor", bytes });
  return {
    tensor: checkedTensor({ name: "t", dtype, shape, strides, begin, bytes: source }),
    at: (row, column) => values[skip + row * strides[0] + column * strides[1]] ?? Number.NaN,
  };
}

const dtypes = fc.constantFrom<FloatDtype>("float64", "float32", "float16", "bfloat16");

test("any rows, in any order, of any layout and type are the elements at their strides", () => {
  fc.assert(
    fc.property(
      fc.record({
        rows: fc.integer({ min: 1, max: 40 }),
        columns: fc.integer({ min: 1, max: 40 }),
        gap: fc.integer({ min: 0, max: 5 }),
        skip: fc.integer({ min: 0, max: 9 }),
        isTransposed: fc.boolean(),
        dtype: dtypes,
        picks: fc.array(fc.nat(), { maxLength: 30 }),
      }),
      ({ rows, columns, gap, skip, isTransposed, dtype, picks }) => {
        const strides: [number, number] = isTransposed ? [1, rows + gap] : [columns + gap, 1];
        const { tensor, at } = tensorOf({ shape: [rows, columns], strides, dtype, skip });
        const wanted = picks.map((pick) => pick % rows);
        const expected = wanted.flatMap((row) => Array.from({ length: columns }, (_, c) => at(row, c)));
        expect([...readRows({ tensor, rows: wanted })]).toEqual(expected);
      },
    ),
  );
});

test("rows that lie further apart than a read reaches are still the right ones", () => {
  const { tensor, at } = tensorOf({ shape: [200_000, 3], strides: [1, 200_000] });
  const wanted = [199_999, 0, 70_000, 70_001];
  const expected = wanted.flatMap((row) => [at(row, 0), at(row, 1), at(row, 2)]);
  expect([...readRows({ tensor, rows: wanted })]).toEqual(expected);
});

test("a matrix that is longer than a window is read whole", () => {
  const { tensor, at } = tensorOf({ shape: [3, 1_200_000], strides: [1_200_000, 1] });
  const whole = readRows({ tensor, rows: [2, 1, 0] });
  for (const column of [0, 1_048_575, 1_048_576, 1_199_999]) {
    expect([0, 1, 2].map((row) => whole[row * 1_200_000 + column])).toEqual(
      [2, 1, 0].map((row) => at(row, column)),
    );
  }
});

test("spread rows cost one sweep: positions only grow, and no piece is larger than a window", () => {
  const { tensor } = tensorOf({ shape: [50_000, 20], strides: [1, 50_000] });
  const reads: [number, number][] = [];
  const watched: StoredTensor = {
    ...tensor,
    bytes: {
      ...tensor.bytes,
      readInto(target, position) {
        reads.push([position, target.length]);
        tensor.bytes.readInto(target, position);
      },
    },
  };
  readRows({ tensor: watched, rows: [49_999, 3, 20_000, 4] });
  const positions = reads.map(([position]) => position);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(reads.length).toBe(20 * 3);
  expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(20 * (2 + 1 + 1) * 4);
});

test("a row that the matrix lacks is refused", () => {
  const { tensor } = tensorOf({ shape: [4, 2], strides: [2, 1] });
  expect(() => readRows({ tensor, rows: [0, 4] })).toThrow(RangeError);
  expect(() => readRows({ tensor, rows: [-1] })).toThrow(RangeError);
});

test("vectors and scalars, with gaps or without", () => {
  const bytes = memoryBytes({ path: "v", bytes: bytesOf(numbers(9), "float32") });
  const vector = { name: "v", dtype: "float32", shape: [3], strides: [4], begin: 0, bytes } as const;
  expect([...readVector(checkedTensor(vector))]).toEqual([...numbers(9)].filter((_, i) => i % 4 === 0));
  expect([...readVector({ ...vector, shape: [], strides: [] })]).toEqual([numbers(1)[0]]);
});

test.each<[string, Partial<StoredTensor>]>([
  ["past the end", { shape: [3, 3] }],
  ["a stride past the end", { strides: [9, 1] }],
  ["more elements than numbers", { strides: [0, 0], shape: [1e9, 1e9] }],
  ["sizes that overflow", { shape: [2 ** 40, 2 ** 40] }],
  ["a negative stride", { strides: [-1, 1] }],
  ["part of an element", { begin: 0.5 }],
  ["unequal dimensions", { strides: [1] }],
])("a tensor with %s is refused", (_, change) => {
  const { tensor } = tensorOf({ shape: [2, 3], strides: [3, 1] });
  expect(() => checkedTensor({ ...tensor, ...change })).toThrow(
    expect.objectContaining({ code: "SAE_UNREADABLE" }),
  );
});

test("transposing twice changes nothing", () => {
  const { tensor } = tensorOf({ shape: [2, 3], strides: [3, 1] });
  expect(transposed(transposed(tensor))).toEqual(tensor);
});
