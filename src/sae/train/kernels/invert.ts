/** Kernels `invertMain` and `invertDead`: the entries of an active list by latent, so that a thread can own a range of latents. */
import type { ActiveList } from "../layout.ts";
import {
  add,
  below,
  fmul,
  forRange,
  i32,
  load,
  loadInt,
  mul,
  store,
  storeInt,
  times4,
  when,
} from "../wasm/expressions.ts";
import { element, type KernelContext, rowOf, SHARE, step } from "./kernel.ts";

/**
 * `rows` rows are read; values are multiplied by `coefficient`, so that they are weights of errors.
 * Each thread walks over all entries and writes those of its latents, from where those of smaller latents end.
 */
function addInvertKernel({ module, layout }: KernelContext, name: string, list: ActiveList): void {
  module.add({
    name,
    exported: true,
    parameters: { ...SHARE, rows: "i32", coefficient: "f32" },
    body({ parameters: p, local }) {
      const i = local("i32");
      const j = local("i32");
      const count = local("i32");
      const latents = local("i32");
      const latent = local("i32");
      const at = local("i32");
      const total = local("i32");
      const walk = (body: Parameters<typeof forRange>[2]) =>
        forRange(i, { from: i32(0), to: p.rows.get }, [
          latents.set(rowOf(list.latentAt, list.room, i.get)),
          count.set(loadInt(element(list.countAt, i.get))),
          forRange(j, { from: i32(0), to: count.get }, [
            latent.set(loadInt(add(latents.get, times4(j.get)))),
            ...body,
          ]),
        ]);
      const end = element(list.endAt, latent.get);
      return [
        forRange(latent, { from: p.from.get, to: p.to.get }, [storeInt(end, i32(0))]),
        total.set(i32(0)),
        walk([
          when(
            below(latent.get, p.from.get),
            [step(total)],
            [when(below(latent.get, p.to.get), [storeInt(end, add(loadInt(end), i32(1)))])],
          ),
        ]),
        forRange(latent, { from: p.from.get, to: p.to.get }, [
          at.set(loadInt(end)),
          storeInt(element(list.startAt, latent.get), total.get),
          storeInt(end, total.get),
          total.set(add(total.get, at.get)),
        ]),
        walk([
          when(below(latent.get, p.to.get), [
            when(
              below(latent.get, p.from.get),
              [],
              [
                at.set(loadInt(end)),
                storeInt(element(list.byLatentRowAt, at.get), mul(i.get, i32(4 * layout.columns))),
                store(
                  element(list.byLatentValueAt, at.get),
                  fmul(load(add(rowOf(list.valueAt, list.room, i.get), times4(j.get))), p.coefficient.get),
                ),
                store(
                  element(list.byLatentGradientAt, at.get),
                  load(add(rowOf(list.gradientAt, list.room, i.get), times4(j.get))),
                ),
                storeInt(end, add(at.get, i32(1))),
              ],
            ),
          ]),
        ]),
      ];
    },
  });
}

export function addInvert(context: KernelContext): void {
  const { main, aux } = context.layout;
  addInvertKernel(context, "invertMain", main);
  if (aux !== null) addInvertKernel(context, "invertDead", aux);
}
