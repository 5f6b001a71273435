/** Loops over vectors of `columns` floats, unrolled by four: what most kernels are made of. */
import {
  add,
  below,
  type F32,
  fadd,
  forRange,
  fused,
  type I32,
  type I32Local,
  i32,
  laneSum,
  type Statement,
  sequence,
  splat,
  type V128,
  type V128Local,
  vadd,
  vload,
  vmul,
  vstore,
  whileTrue,
} from "../wasm/expressions.ts";
import type { FunctionScope } from "../wasm/module.ts";

/** `a * b + c`: fused, or in two operations on machines without relaxed SIMD. */
export type MultiplyAdd = (a: V128, b: V128, c: V128) => V128;
export const multiplyAddOf = (relaxed: boolean): MultiplyAdd =>
  relaxed ? fused : (a, b, c) => vadd(vmul(a, b), c);

type Scope = Pick<FunctionScope<Record<string, never>>, "local">;

const UNROLL_BYTES = 64;
const VECTOR_BYTES = 16;

/** Runs `body` at each vector of a row; `at` is the byte offset within it, to which `lane` bytes are added. */
export function eachVector(
  scope: Scope,
  columns: number,
  body: (at: I32, lane: number) => Statement,
): Statement {
  const at = scope.local("i32");
  const steps = [0, 1, 2, 3].map((step) => body(at.get, step * VECTOR_BYTES));
  return forRange(at, { from: i32(0), to: i32(4 * columns), step: UNROLL_BYTES }, steps);
}

/** `target += sum_j weight_j * source_j`, four sources at a time: the target is loaded and stored once for all of them. */
export function addWeighted(
  scope: Scope,
  {
    columns,
    target,
    sources,
    weights,
    multiplyAdd,
  }: { columns: number; target: I32; sources: I32[]; weights: V128[]; multiplyAdd: MultiplyAdd },
): Statement {
  return eachVector(scope, columns, (at, lane) => {
    let sum = vload(add(target, at), lane);
    sources.forEach((source, j) => {
      const weight = weights[j];
      if (weight !== undefined) sum = multiplyAdd(vload(add(source, at), lane), weight, sum);
    });
    return vstore(add(target, at), sum, lane);
  });
}

/** Dot products of one row with four others; each sum runs in the same order, whatever its place. */
export function dotFour(
  scope: Scope,
  {
    columns,
    row,
    others,
    multiplyAdd,
    store,
  }: {
    columns: number;
    row: I32;
    others: I32[];
    multiplyAdd: MultiplyAdd;
    store: (dot: F32, j: number) => Statement;
  },
): Statement {
  const sums = others.map(() => scope.local("v128"));
  const value = scope.local("v128");
  return sequence(
    ...sums.map((sum) => sum.set(splat(zero))),
    eachVector(scope, columns, (at, lane) =>
      sequence(
        value.set(vload(add(row, at), lane)),
        ...others.map((other, j) => {
          const sum = at4(sums, j);
          return sum.set(multiplyAdd(vload(add(other, at), lane), value.get, sum.get));
        }),
      ),
    ),
    ...sums.map((sum, j) => store(laneSum(sum), j)),
  );
}

/** Squared norm of a row. */
export function squaredNorm(
  scope: Scope,
  { columns, row, multiplyAdd }: { columns: number; row: I32; multiplyAdd: MultiplyAdd },
): { compute: Statement; value: F32 } {
  return dotOne(scope, { columns, row, other: row, multiplyAdd });
}

/** Dot product of two rows, in four independent sums. */
export function dotOne(
  scope: Scope,
  { columns, row, other, multiplyAdd }: { columns: number; row: I32; other: I32; multiplyAdd: MultiplyAdd },
): { compute: Statement; value: F32 } {
  const sums = [0, 1, 2, 3].map(() => scope.local("v128"));
  return {
    compute: sequence(
      ...sums.map((sum) => sum.set(splat(zero))),
      eachVector(scope, columns, (at, lane) => {
        const sum = at4(sums, lane / VECTOR_BYTES);
        return sum.set(multiplyAdd(vload(add(row, at), lane), vload(add(other, at), lane), sum.get));
      }),
    ),
    value: fadd(
      fadd(laneSum(at4(sums, 0)), laneSum(at4(sums, 1))),
      fadd(laneSum(at4(sums, 2)), laneSum(at4(sums, 3))),
    ),
  };
}

/** Runs `body` while `index + 4 <= end` in steps of 4, so that the caller only has to finish the remainder. */
export function inFours(index: I32Local, end: I32, body: Statement[]): Statement {
  return whileTrue(below(add(index.get, i32(3)), end), [...body, index.set(add(index.get, i32(4)))]);
}

const zero: F32 = { type: "f32", bytes: [0x43, 0, 0, 0, 0] };

function at4(sums: V128Local[], index: number): V128Local {
  const sum = sums[index];
  if (sum === undefined) throw new RangeError(`no sum ${index}`);
  return sum;
}
