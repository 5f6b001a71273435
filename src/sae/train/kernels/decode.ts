/**
 * Kernels `decodeMain` and `decodeDead`: reconstruction error of each row, and the gradient of its active pre-activations.
 * Main: e = sum z d - (x - b_dec). Dead latents reconstruct what is left: e' = sum a d + e.
 */
import type { ActiveList } from "../layout.ts";
import { CHUNK } from "../layout.ts";
import {
  add,
  and,
  equal,
  f32,
  fmul,
  forRange,
  type I32,
  i32,
  load,
  loadInt,
  mul,
  type Statement,
  sequence,
  splat,
  store,
  times4,
  vadd,
  vload,
  vmul,
  vstore,
  when,
} from "../wasm/expressions.ts";
import { element, type KernelContext, rowOf, SHARE } from "./kernel.ts";
import { chunkOf, clear } from "./prepare.ts";
import { addWeighted, dotFour, eachVector, squaredNorm } from "./vectors.ts";

const FOUR = [0, 1, 2, 3] as const;

interface DecodeOptions {
  name: string;
  list: ActiveList;
  /** `[rows, columns]`, times `sign`, to which the decoder rows are added. */
  targetAt: number;
  sign: 1 | -1;
  /** Where the errors of each chunk are summed; null sums nothing. */
  sumsAt: number | null;
}

/** `coefficient`: derivative of the loss with respect to an error, over the error. */
function addDecodeKernel(context: KernelContext, options: DecodeOptions): void {
  const { module, layout, multiplyAdd } = context;
  const { columns, decoder } = layout;
  const { name, list, targetAt, sign, sumsAt } = options;
  module.add({
    name,
    exported: true,
    parameters: { ...SHARE, coefficient: "f32" },
    body(scope) {
      const { from, to, coefficient } = scope.parameters;
      const i = scope.local("i32");
      const j = scope.local("i32");
      const target = scope.local("i32");
      const error = scope.local("i32");
      const entries = scope.local("i32");
      const values = scope.local("i32");
      const gradients = scope.local("i32");
      const sums = scope.local("i32");
      const squared = squaredNorm(scope, { columns, row: error.get, multiplyAdd });
      const decoderRow = (at: number): I32 =>
        add(i32(decoder.at), mul(loadInt(add(entries.get, times4(j.get)), 4 * at), i32(4 * columns)));
      const count = loadInt(element(list.countAt, i.get));
      const inFour = (body: Statement[]) => forRange(j, { from: i32(0), to: count, step: 4 }, body);
      const summing =
        sumsAt === null
          ? []
          : [
              sums.set(rowOf(sumsAt, columns, chunkOf(i.get))),
              when(equal(and(i.get, i32(CHUNK - 1)), i32(0)), [clear(scope, columns, sums.get)]),
              eachVector(scope, columns, (at, lane) =>
                vstore(
                  add(sums.get, at),
                  vadd(vload(add(sums.get, at), lane), vload(add(error.get, at), lane)),
                  lane,
                ),
              ),
            ];
      return [
        forRange(i, { from: from.get, to: to.get }, [
          target.set(rowOf(targetAt, columns, i.get)),
          error.set(rowOf(list.errorAt, columns, i.get)),
          entries.set(rowOf(list.latentAt, list.room, i.get)),
          values.set(rowOf(list.valueAt, list.room, i.get)),
          gradients.set(rowOf(list.gradientAt, list.room, i.get)),
          eachVector(scope, columns, (at, lane) =>
            vstore(add(error.get, at), vmul(vload(add(target.get, at), lane), splat(f32(sign))), lane),
          ),
          inFour([
            addWeighted(scope, {
              columns,
              target: error.get,
              sources: FOUR.map(decoderRow),
              weights: FOUR.map((at) => splat(load(add(values.get, times4(j.get)), 4 * at))),
              multiplyAdd,
            }),
          ]),
          squared.compute,
          store(element(list.squaredErrorAt, i.get), squared.value),
          sequence(...summing),
          inFour([
            dotFour(scope, {
              columns,
              row: error.get,
              others: FOUR.map(decoderRow),
              multiplyAdd,
              store: (dot, at) =>
                store(add(gradients.get, times4(j.get)), fmul(dot, coefficient.get), 4 * at),
            }),
          ]),
        ]),
      ];
    },
  });
}

export function addDecode(context: KernelContext): void {
  const { main, aux, centredAt, errorSumsAt } = context.layout;
  addDecodeKernel(context, {
    name: "decodeMain",
    list: main,
    targetAt: centredAt,
    sign: -1,
    sumsAt: errorSumsAt,
  });
  if (aux === null) return;
  addDecodeKernel(context, { name: "decodeDead", list: aux, targetAt: main.errorAt, sign: 1, sumsAt: null });
}
