/**
 * Kernel `update`: gradient and Adam step of each latent's encoder row, decoder row and bias. The gradient lives only in
 * a thread's scratch memory; weights, moments and the derived copies are written once.
 */
import type { ActiveList } from "../layout.ts";
import { CHUNK } from "../layout.ts";
import {
  add,
  and,
  below,
  equal,
  type F32,
  f32,
  fabs,
  fadd,
  fdiv,
  fgreater,
  fmul,
  forRange,
  fsqrt,
  fsub,
  type I32,
  i32,
  load,
  loadInt,
  type Statement,
  sequence,
  splat,
  store,
  storeInt,
  vabs,
  vand,
  vdiv,
  vgreater,
  vload,
  vmul,
  vsqrt,
  vstore,
  vsub,
  when,
} from "../wasm/expressions.ts";
import { element, type KernelContext, rowOf, SHARE } from "./kernel.ts";
import { chunkOf, clear, refreshRow } from "./prepare.ts";
import { addWeighted, dotOne, eachVector, inFours, squaredNorm } from "./vectors.ts";

const FOUR = [0, 1, 2, 3] as const;
/** Moments below are as good as 0; without this they would end as denormal numbers, which are slow. */
const FLUSH_FIRST = 1e-30;
const FLUSH_SECOND = 1e-36;

const UPDATE = {
  ...SHARE,
  /** 1: only the squared gradient norms, no step. */
  normsOnly: "i32",
  /** 1: the dead latents' list counts too. */
  withDead: "i32",
  step: "i32",
  /** Factor of the gradient, 1 unless it is clipped. */
  clip: "f32",
  /** Learning rate over the first moment's bias correction, and 1 / sqrt of the second's. */
  rate: "f32",
  correction: "f32",
} as const;

export function addUpdate(context: KernelContext): void {
  const { module, layout, multiplyAdd } = context;
  const { columns, encoder, decoder, encoderBias, biasSumsAt, main, aux } = layout;
  module.add({
    name: "update",
    exported: true,
    parameters: UPDATE,
    body(scope) {
      const p = scope.parameters;
      const latent = scope.local("i32");
      const encoderRow = scope.local("i32");
      const decoderRow = scope.local("i32");
      const sums = scope.local("i32");
      const bias = scope.local("f32");
      const factor = scope.local("f32");
      const forDecoder = p.scratch.get;
      const forEncoder = add(p.scratch.get, i32(4 * columns));
      const gather = (list: ActiveList) =>
        gatherGradients(scope, { context, list, latent: latent.get, forDecoder, forEncoder, bias });
      const parallel = dotOne(scope, { columns, row: forDecoder, other: decoderRow.get, multiplyAdd });
      const decoderNorm = squaredNorm(scope, { columns, row: decoderRow.get, multiplyAdd });
      const squaredDecoder = squaredNorm(scope, { columns, row: forDecoder, multiplyAdd });
      const squaredEncoder = squaredNorm(scope, { columns, row: forEncoder, multiplyAdd });
      const adamRow = (weights: I32, size: number, gradient: I32) =>
        adamVector(scope, { context, weights, size, gradient, ...p });
      return [
        forRange(latent, { from: p.from.get, to: p.to.get }, [
          encoderRow.set(rowOf(encoder.at, columns, latent.get)),
          decoderRow.set(rowOf(decoder.at, columns, latent.get)),
          bias.set(f32(0)),
          clear(scope, columns, forDecoder),
          clear(scope, columns, forEncoder),
          gather(main),
          ...(aux === null ? [] : [when(p.withDead.get, [gather(aux)])]),
          // the part along the direction would only change its norm, which is fixed
          parallel.compute,
          factor.set(fsub(f32(0), parallel.value)),
          addWeighted(scope, {
            columns,
            target: forDecoder,
            sources: [decoderRow.get],
            weights: [splat(factor.get)],
            multiplyAdd,
          }),
          sums.set(rowOf(biasSumsAt, columns, chunkOf(latent.get))),
          when(equal(and(latent.get, i32(CHUNK - 1)), i32(0)), [clear(scope, columns, sums.get)]),
          addWeighted(scope, {
            columns,
            target: sums.get,
            sources: [encoderRow.get],
            weights: [splat(bias.get)],
            multiplyAdd,
          }),
          when(
            p.normsOnly.get,
            [
              squaredDecoder.compute,
              squaredEncoder.compute,
              store(
                element(layout.squaredGradientAt, latent.get),
                fadd(fadd(squaredDecoder.value, squaredEncoder.value), fmul(bias.get, bias.get)),
              ),
            ],
            [
              when(
                below(loadInt(element(main.startAt, latent.get)), loadInt(element(main.endAt, latent.get))),
                [storeInt(element(layout.lastActiveAt, latent.get), p.step.get)],
              ),
              adamRow(decoderRow.get, decoder.size, forDecoder),
              decoderNorm.compute,
              factor.set(fdiv(f32(1), fsqrt(decoderNorm.value))),
              eachVector(scope, columns, (at, lane) =>
                vstore(
                  add(decoderRow.get, at),
                  vmul(vload(add(decoderRow.get, at), lane), splat(factor.get)),
                  lane,
                ),
              ),
              adamRow(encoderRow.get, encoder.size, forEncoder),
              adamScalar(scope, {
                context,
                weight: element(encoderBias.at, latent.get),
                size: encoderBias.size,
                gradient: bias.get,
                ...p,
              }),
              refreshRow(scope, { layout, multiplyAdd, latent: latent.get }),
            ],
          ),
        ]),
      ];
    },
  });
}

type Scope = Parameters<typeof dotOne>[0];

/** Adds one latent's entries: decoder gradient sum z e, encoder gradient sum g x, bias gradient sum g. */
function gatherGradients(
  scope: Scope,
  options: {
    context: KernelContext;
    list: ActiveList;
    latent: I32;
    forDecoder: I32;
    forEncoder: I32;
    bias: { get: F32; set(value: F32): Statement };
  },
): Statement {
  const { context, list, latent, forDecoder, forEncoder, bias } = options;
  const { layout, multiplyAdd } = context;
  const { columns, centredAt } = layout;
  const j = scope.local("i32");
  const end = scope.local("i32");
  const offset = (at: number) => loadInt(element(list.byLatentRowAt, j.get), 4 * at);
  const gradient = (at: number) => load(element(list.byLatentGradientAt, j.get), 4 * at);
  const value = (at: number) => load(element(list.byLatentValueAt, j.get), 4 * at);
  const take = (places: readonly number[]): Statement =>
    sequence(
      addWeighted(scope, {
        columns,
        target: forDecoder,
        sources: places.map((at) => add(i32(list.errorAt), offset(at))),
        weights: places.map((at) => splat(value(at))),
        multiplyAdd,
      }),
      addWeighted(scope, {
        columns,
        target: forEncoder,
        sources: places.map((at) => add(i32(centredAt), offset(at))),
        weights: places.map((at) => splat(gradient(at))),
        multiplyAdd,
      }),
      ...places.map((at) => bias.set(fadd(bias.get, gradient(at)))),
    );
  return sequence(
    j.set(loadInt(element(list.startAt, latent))),
    end.set(loadInt(element(list.endAt, latent))),
    inFours(j, end.get, [take(FOUR)]),
    forRange(j, { from: j.get, to: end.get }, [take([0])]),
  );
}

interface AdamArguments {
  clip: { get: F32 };
  rate: { get: F32 };
  correction: { get: F32 };
}

/** Kingma and Ba 2015, as PyTorch computes it: the correction of the second moment comes before epsilon. */
function adamVector(
  scope: Scope,
  {
    context,
    weights,
    size,
    gradient,
    clip,
    rate,
    correction,
  }: AdamArguments & { context: KernelContext; weights: I32; size: number; gradient: I32 },
): Statement {
  const { layout, multiplyAdd, adam } = context;
  const first = scope.local("v128");
  const second = scope.local("v128");
  const slope = scope.local("v128");
  const constant = (value: number) => splat(f32(value));
  return eachVector(scope, layout.columns, (at, lane) => {
    const place = add(weights, at);
    const firstOffset = 4 * size + lane;
    const secondOffset = 8 * size + lane;
    return sequence(
      slope.set(vmul(vload(add(gradient, at), lane), splat(clip.get))),
      first.set(
        multiplyAdd(
          vload(place, firstOffset),
          constant(adam.beta1),
          vmul(slope.get, constant(1 - adam.beta1)),
        ),
      ),
      first.set(vand(first.get, vgreater(vabs(first.get), constant(FLUSH_FIRST)))),
      vstore(place, first.get, firstOffset),
      second.set(
        multiplyAdd(
          vload(place, secondOffset),
          constant(adam.beta2),
          vmul(vmul(slope.get, slope.get), constant(1 - adam.beta2)),
        ),
      ),
      second.set(vand(second.get, vgreater(second.get, constant(FLUSH_SECOND)))),
      vstore(place, second.get, secondOffset),
      vstore(
        place,
        vsub(
          vload(place, lane),
          vdiv(
            vmul(first.get, splat(rate.get)),
            multiplyAdd(vsqrt(second.get), splat(correction.get), constant(adam.epsilon)),
          ),
        ),
        lane,
      ),
    );
  });
}

function adamScalar(
  scope: Scope,
  {
    context,
    weight,
    size,
    gradient,
    clip,
    rate,
    correction,
  }: AdamArguments & { context: KernelContext; weight: I32; size: number; gradient: F32 },
): Statement {
  const { adam } = context;
  const first = scope.local("f32");
  const second = scope.local("f32");
  const slope = scope.local("f32");
  return sequence(
    slope.set(fmul(gradient, clip.get)),
    first.set(fadd(fmul(load(weight, 4 * size), f32(adam.beta1)), fmul(slope.get, f32(1 - adam.beta1)))),
    when(fgreater(f32(FLUSH_FIRST), fabs(first.get)), [first.set(f32(0))]),
    store(weight, first.get, 4 * size),
    second.set(
      fadd(
        fmul(load(weight, 8 * size), f32(adam.beta2)),
        fmul(fmul(slope.get, slope.get), f32(1 - adam.beta2)),
      ),
    ),
    when(fgreater(f32(FLUSH_SECOND), second.get), [second.set(f32(0))]),
    store(weight, second.get, 8 * size),
    store(
      weight,
      fsub(
        load(weight),
        fdiv(fmul(first.get, rate.get), fadd(fmul(fsqrt(second.get), correction.get), f32(adam.epsilon))),
      ),
    ),
  );
}
