/** Kernels `prepare` (rows scaled and centred, their norms and sums) and `refresh` (what is derived from the encoder). */

import { CHUNK } from "../layout.ts";
import {
  add,
  and,
  equal,
  type F32,
  f32,
  forRange,
  fsqrt,
  type I32,
  i32,
  laneSum,
  mul,
  narrow,
  type Statement,
  sequence,
  splat,
  splatInt,
  store,
  type V128,
  vadd,
  vaddInt,
  vand,
  vload,
  vmul,
  vshiftRight,
  vstore,
  vstoreHalf,
  vsub,
  when,
} from "../wasm/expressions.ts";
import { element, type KernelContext, rowOf, SHARE } from "./kernel.ts";
import { eachVector, type MultiplyAdd, squaredNorm } from "./vectors.ts";

export function addPrepare({ module, layout, multiplyAdd }: KernelContext): void {
  const { columns, centredAt, decoderBias, squaredNormAt, rowRoundingAt, rowSumsAt } = layout;
  module.add({
    name: "prepare",
    exported: true,
    parameters: { ...SHARE, scale: "f32" },
    body(scope) {
      const { from, to, scale } = scope.parameters;
      const i = scope.local("i32");
      const row = scope.local("i32");
      const sums = scope.local("i32");
      const norm = squaredNorm(scope, { columns, row: row.get, multiplyAdd });
      const rounding = squaredRounding(scope, { columns, row: row.get, multiplyAdd });
      return [
        forRange(i, { from: from.get, to: to.get }, [
          row.set(rowOf(centredAt, columns, i.get)),
          sums.set(rowOf(rowSumsAt, columns, chunkOf(i.get))),
          when(equal(and(i.get, i32(CHUNK - 1)), i32(0)), [clear(scope, columns, sums.get)]),
          eachVector(scope, columns, (at, lane) =>
            sequence(
              vstore(
                add(row.get, at),
                vsub(
                  vmul(vload(add(row.get, at), lane), splat(scale.get)),
                  vload(add(i32(decoderBias.at), at), lane),
                ),
                lane,
              ),
              vstore(
                add(sums.get, at),
                vadd(vload(add(sums.get, at), lane), vload(add(row.get, at), lane)),
                lane,
              ),
            ),
          ),
          norm.compute,
          store(element(squaredNormAt, i.get), norm.value),
          rounding.compute,
          store(element(rowRoundingAt, i.get), fsqrt(rounding.value)),
        ]),
      ];
    },
  });
}

/** Rewrites the bfloat16 copy and the norms of encoder rows. */
export function addRefresh({ module, layout, multiplyAdd }: KernelContext): void {
  module.add({
    name: "refresh",
    exported: true,
    parameters: SHARE,
    body(scope) {
      const { from, to } = scope.parameters;
      const latent = scope.local("i32");
      return [
        forRange(latent, { from: from.get, to: to.get }, [
          refreshRow(scope, { layout, multiplyAdd, latent: latent.get }),
        ]),
      ];
    },
  });
}

type Scope = Parameters<typeof squaredNorm>[0];

export function refreshRow(
  scope: Scope,
  { layout, multiplyAdd, latent }: Pick<KernelContext, "layout" | "multiplyAdd"> & { latent: I32 },
): Statement {
  const { columns, encoder, encoderHalfAt, encoderNormAt, encoderRoundingAt } = layout;
  const row = scope.local("i32");
  const halves = scope.local("i32");
  const at = scope.local("i32");
  const norm = squaredNorm(scope, { columns, row: row.get, multiplyAdd });
  const rounding = squaredRounding(scope, { columns, row: row.get, multiplyAdd });
  return sequence(
    row.set(rowOf(encoder.at, columns, latent)),
    halves.set(add(i32(encoderHalfAt), mul(latent, i32(2 * columns)))),
    norm.compute,
    store(element(encoderNormAt, latent), fsqrt(norm.value)),
    rounding.compute,
    store(element(encoderRoundingAt, latent), fsqrt(rounding.value)),
    forRange(at, { from: i32(0), to: i32(2 * columns), step: 16 }, [
      ...[0, 8].map((half) => {
        const bits = roundedBits(vload(add(row.get, add(at.get, at.get)), 2 * half));
        return vstoreHalf(add(halves.get, at.get), narrow(bits, bits), half);
      }),
    ]),
  );
}

/** Bits whose high half is the nearest bfloat16 (ties to even). */
function roundedUp(value: V128): V128 {
  const odd = vand(vshiftRight(value, 16), splatInt(i32(1)));
  return vaddInt(vaddInt(value, splatInt(i32(0x7fff))), odd);
}

const roundedBits = (value: V128): V128 => vshiftRight(roundedUp(value), 16);

/** Squared norm of what a row loses when it is rounded to bfloat16. */
function squaredRounding(
  scope: Scope,
  { columns, row, multiplyAdd }: { columns: number; row: I32; multiplyAdd: MultiplyAdd },
): { compute: Statement; value: F32 } {
  const sum = scope.local("v128");
  const value = scope.local("v128");
  return {
    compute: sequence(
      sum.set(splat(f32(0))),
      eachVector(scope, columns, (at, lane) =>
        sequence(
          value.set(vload(add(row, at), lane)),
          value.set(vsub(value.get, vand(roundedUp(value.get), splatInt(i32(0xffff0000))))),
          sum.set(multiplyAdd(value.get, value.get, sum.get)),
        ),
      ),
    ),
    value: laneSum(sum),
  };
}

export function clear(scope: Scope, columns: number, row: I32): Statement {
  return eachVector(scope, columns, (at, lane) => vstore(add(row, at), splat(f32(0)), lane));
}

function chunkOf(row: I32): I32 {
  return { type: "i32", bytes: [...row.bytes, ...i32(Math.log2(CHUNK)).bytes, 0x76] };
}

export { chunkOf };
