/**
 * Kernels `selectMain` and `selectDead`: the k largest pre-activations of each row, exactly as float32 gives them, from a
 * dense product that may be coarse. The product of a row x with encoder row w is off by at most `bound |w|` (Cauchy and
 * Schwarz: |w - w'| |x| + |w'| |x - x'| for rounded w' and x', and the rounding of sums). So the k-th largest lower end T of
 * these intervals is at most the true k-th largest value, and only latents whose upper end reaches T can be among the k
 * largest. Those few are computed again in float32 and decide: the product's precision changes their number and nothing else.
 */
import type { ActiveList } from "../layout.ts";
import {
  add,
  and,
  anyTrue,
  below,
  type Code,
  equal,
  f32,
  fadd,
  fatLeast,
  fequal,
  fgreater,
  fless,
  fmul,
  forRange,
  fsqrt,
  half,
  i32,
  lane,
  load,
  loadInt,
  mul,
  type Statement,
  sequence,
  splat,
  store,
  storeInt,
  sub,
  times4,
  vadd,
  vatLeast,
  vgreater,
  vload,
  vmul,
  vsub,
  when,
  whileTrue,
} from "../wasm/expressions.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { element, type KernelContext, rowOf, SHARE, step } from "./kernel.ts";
import { dotFour } from "./vectors.ts";

const LANES = [0, 1, 2, 3] as const;

const PUSH = { heap: "i32", size: "i32", most: "i32", value: "f32" } as const;

/** Puts a value into a min-heap of at most `most`: appended while there is room, else in place of the smallest. */
function addPush({ module }: KernelContext): WasmFunction<typeof PUSH> {
  return module.add({
    name: "push",
    exported: false,
    parameters: PUSH,
    body({ parameters, local }) {
      const { heap, size, most, value } = parameters;
      const at = local("i32");
      const next = local("i32");
      const going = local("i32");
      const slot = (index: Code<"i32">) => add(heap.get, times4(index));
      const up = [
        at.set(size.get),
        going.set(i32(1)),
        whileTrue(going.get, [
          going.set(i32(0)),
          when(below(i32(0), at.get), [
            next.set(half(sub(at.get, i32(1)))),
            when(fless(value.get, load(slot(next.get))), [
              store(slot(at.get), load(slot(next.get))),
              at.set(next.get),
              going.set(i32(1)),
            ]),
          ]),
        ]),
        store(slot(at.get), value.get),
      ];
      const down = [
        at.set(i32(0)),
        going.set(i32(1)),
        whileTrue(going.get, [
          going.set(i32(0)),
          next.set(add(add(at.get, at.get), i32(1))),
          when(below(next.get, most.get), [
            when(below(add(next.get, i32(1)), most.get), [
              when(fless(load(slot(add(next.get, i32(1)))), load(slot(next.get))), [step(next)]),
            ]),
            when(fless(load(slot(next.get)), value.get), [
              store(slot(at.get), load(slot(next.get))),
              at.set(next.get),
              going.set(i32(1)),
            ]),
          ]),
        ]),
        store(slot(at.get), value.get),
      ];
      return [when(below(size.get, most.get), up, down)];
    },
  });
}

const SELECT = {
  row: "i32",
  product: "i32",
  bias: "i32",
  norm: "i32",
  map: "i32",
  n: "i32",
  most: "i32",
  floor: "f32",
  bound: "f32",
  latentAt: "i32",
  valueAt: "i32",
  countAt: "i32",
  scratch: "i32",
} as const;

/** One row; `product`, `bias`, `norm` and `map` are arrays of `n` (a multiple of 4), `map` gives the latent of each place. */
function addSelectRow(context: KernelContext): WasmFunction<typeof SELECT> {
  const { module, layout, multiplyAdd } = context;
  const { latents, columns, encoder, encoderBias } = layout;
  const push = addPush(context);
  const exactOffset = 4 * (latents + 4);
  const heapOffset = 2 * exactOffset;
  return module.add({
    name: "selectRow",
    exported: false,
    parameters: SELECT,
    body(scope) {
      const p = scope.parameters;
      const j = scope.local("i32");
      const size = scope.local("i32");
      const least = scope.local("f32");
      const value = scope.local("f32");
      const found = scope.local("i32");
      const kept = scope.local("i32");
      const ties = scope.local("i32");
      const bounds = scope.local("v128");
      const heap = add(p.scratch.get, i32(heapOffset));
      const candidate = (index: Code<"i32">) => add(p.scratch.get, times4(index));
      const exact = (index: Code<"i32">) => add(p.scratch.get, add(i32(exactOffset), times4(index)));
      const place = (base: Code<"i32">) => vload(add(base, times4(j.get)));

      const offer = (offered: Code<"f32">): Statement =>
        sequence(
          value.set(offered),
          when(fgreater(value.get, least.get), [
            push.call({ heap, size: size.get, most: p.most.get, value: value.get }),
            when(below(size.get, p.most.get), [step(size)]),
            when(equal(size.get, p.most.get), [least.set(load(heap))]),
          ]),
        );
      const width = vmul(place(p.norm.get), splat(p.bound.get));
      const middle = vadd(place(p.product.get), place(p.bias.get));
      const keep = (index: Code<"i32">): Statement =>
        sequence(
          storeInt(add(p.latentAt.get, times4(kept.get)), loadInt(candidate(index))),
          store(add(p.valueAt.get, times4(kept.get)), load(exact(index))),
          step(kept),
        );
      return [
        least.set(p.floor.get),
        forRange(j, { from: i32(0), to: p.n.get, step: 4 }, [
          bounds.set(vsub(middle, width)),
          when(
            anyTrue(vgreater(bounds.get, splat(least.get))),
            LANES.map((at) => offer(lane(bounds.get, at))),
          ),
        ]),
        forRange(j, { from: i32(0), to: p.n.get, step: 4 }, [
          bounds.set(vadd(middle, width)),
          when(
            anyTrue(vatLeast(bounds.get, splat(least.get))),
            LANES.map((at) =>
              when(fatLeast(lane(bounds.get, at), least.get), [
                storeInt(candidate(found.get), loadInt(add(p.map.get, times4(j.get)), 4 * at)),
                step(found),
              ]),
            ),
          ),
        ]),
        // the last group of four is filled up by latent 0, whose values are not looked at
        ...[0, 1, 2].map((extra) => storeInt(candidate(found.get), i32(0), 4 * extra)),
        forRange(j, { from: i32(0), to: found.get, step: 4 }, [
          dotFour(scope, {
            columns,
            row: p.row.get,
            others: LANES.map((at) =>
              add(i32(encoder.at), mul(loadInt(candidate(j.get), 4 * at), i32(4 * columns))),
            ),
            multiplyAdd,
            store: (dot, at) =>
              store(
                exact(j.get),
                fadd(dot, load(add(i32(encoderBias.at), times4(loadInt(candidate(j.get), 4 * at))))),
                4 * at,
              ),
          }),
        ]),
        least.set(p.floor.get),
        size.set(i32(0)),
        forRange(j, { from: i32(0), to: found.get }, [offer(load(exact(j.get)))]),
        ties.set(i32(0)),
        when(equal(size.get, p.most.get), [
          ties.set(p.most.get),
          forRange(j, { from: i32(0), to: found.get }, [
            when(fgreater(load(exact(j.get)), least.get), [ties.set(sub(ties.get, i32(1)))]),
          ]),
        ]),
        forRange(j, { from: i32(0), to: found.get }, [
          value.set(load(exact(j.get))),
          when(
            fgreater(value.get, least.get),
            [keep(j.get)],
            [
              when(and(fequal(value.get, least.get), below(i32(0), ties.get)), [
                keep(j.get),
                ties.set(sub(ties.get, i32(1))),
              ]),
            ],
          ),
        ]),
        storeInt(p.countAt.get, kept.get),
        padToFour(kept, p.latentAt, p.valueAt),
      ];
    },
  });
}

type IntLocal = Parameters<typeof step>[0];

function padToFour(kept: IntLocal, latentAt: IntLocal, valueAt: IntLocal): Statement {
  return whileTrue(and(kept.get, i32(3)), [
    storeInt(add(latentAt.get, times4(kept.get)), i32(0)),
    store(add(valueAt.get, times4(kept.get)), f32(0)),
    step(kept),
  ]);
}

/** Arguments of `selectRow` that say where a row writes. */
function outputs(list: ActiveList, i: Code<"i32">) {
  return {
    latentAt: rowOf(list.latentAt, list.room, i),
    valueAt: rowOf(list.valueAt, list.room, i),
    countAt: element(list.countAt, i),
  };
}

export function addSelect(context: KernelContext): void {
  const { module, layout } = context;
  const selectRow = addSelectRow(context);
  const { columns, latents, centredAt, productAt, squaredNormAt, main, aux } = layout;
  const productRow = (i: Code<"i32">, first: Code<"i32">) =>
    add(i32(productAt), mul(sub(i, first), i32(4 * latents)));
  /** `error` and `rounded` (0 or 1): relative error from the encoder and the sums, and whether rows are rounded too. */
  const bound = (i: Code<"i32">, error: Code<"f32">, rounded: Code<"f32">) =>
    fadd(
      fmul(fsqrt(load(element(squaredNormAt, i))), error),
      fmul(load(element(layout.rowRoundingAt, i)), rounded),
    );
  module.add({
    name: "selectMain",
    exported: true,
    parameters: { ...SHARE, first: "i32", floor: "f32", error: "f32", rounded: "f32" },
    body({ parameters: p, local }) {
      const i = local("i32");
      return [
        forRange(i, { from: p.from.get, to: p.to.get }, [
          selectRow.call({
            row: rowOf(centredAt, columns, i.get),
            product: productRow(i.get, p.first.get),
            bias: i32(layout.encoderBias.at),
            norm: i32(layout.encoderNormAt),
            map: i32(layout.identityAt),
            n: i32(latents),
            most: i32(main.most),
            floor: p.floor.get,
            bound: bound(i.get, p.error.get, p.rounded.get),
            ...outputs(main, i.get),
            scratch: p.scratch.get,
          }),
        ]),
      ];
    },
  });
  if (aux === null) return;
  module.add({
    name: "selectDead",
    exported: true,
    parameters: { ...SHARE, first: "i32", n: "i32", error: "f32", rounded: "f32" },
    body({ parameters: p, local }) {
      const i = local("i32");
      const j = local("i32");
      const gathered = add(p.scratch.get, i32(4 * 3 * (latents + 4)));
      return [
        forRange(i, { from: p.from.get, to: p.to.get }, [
          forRange(j, { from: i32(0), to: p.n.get }, [
            store(
              add(gathered, times4(j.get)),
              load(add(productRow(i.get, p.first.get), times4(loadInt(element(layout.deadAt, j.get))))),
            ),
          ]),
          selectRow.call({
            row: rowOf(centredAt, columns, i.get),
            product: gathered,
            bias: i32(layout.deadBiasAt),
            norm: i32(layout.deadNormAt),
            map: i32(layout.deadAt),
            n: p.n.get,
            most: i32(aux.most),
            floor: f32(0),
            bound: bound(i.get, p.error.get, p.rounded.get),
            ...outputs(aux, i.get),
            scratch: p.scratch.get,
          }),
        ]),
      ];
    },
  });
}

/** Kernel `keepAbove`: drops entries of the main list below a threshold, for `batchtopk`. */
export function addKeepAbove({ module, layout }: KernelContext): void {
  const { main } = layout;
  module.add({
    name: "keepAbove",
    exported: true,
    parameters: { ...SHARE, threshold: "f32" },
    body({ parameters: p, local }) {
      const i = local("i32");
      const j = local("i32");
      const kept = local("i32");
      const latentAt = local("i32");
      const valueAt = local("i32");
      return [
        forRange(i, { from: p.from.get, to: p.to.get }, [
          latentAt.set(rowOf(main.latentAt, main.room, i.get)),
          valueAt.set(rowOf(main.valueAt, main.room, i.get)),
          kept.set(i32(0)),
          forRange(j, { from: i32(0), to: loadInt(element(main.countAt, i.get)) }, [
            when(fatLeast(load(add(valueAt.get, times4(j.get))), p.threshold.get), [
              storeInt(add(latentAt.get, times4(kept.get)), loadInt(add(latentAt.get, times4(j.get)))),
              store(add(valueAt.get, times4(kept.get)), load(add(valueAt.get, times4(j.get)))),
              step(kept),
            ]),
          ]),
          storeInt(element(main.countAt, i.get), kept.get),
          padToFour(kept, latentAt, valueAt),
        ]),
      ];
    },
  });
}
