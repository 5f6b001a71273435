import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { KernelThreads } from "./kernel-threads.ts";
import { buildKernels } from "./kernels/build-kernels.ts";
import { planLayout } from "./layout.ts";
import { readTrainSettings } from "./settings.ts";
import { viewsOf } from "./views.ts";
import { webAssembly } from "./wasm/web-assembly.ts";

const ROWS = 32;
const DIM = 32;
const LATENTS = 48;
const K = 5;
const settings = readTrainSettings({ latents: LATENTS, k: K, batchRows: ROWS, totalRows: ROWS });
const layout = planLayout({ settings, dModel: DIM, threads: 1 });
const memory = new webAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true });
const views = viewsOf({ memory: memory.buffer, layout });
const threads = await KernelThreads.open({
  module: buildKernels({ layout, adam: settings }),
  memory,
  layout,
  threads: 1,
});
afterAll(() => threads.close());
const rows = views.floats(layout.centredAt, ROWS * DIM);
const product = views.floats(layout.productAt, ROWS * LATENTS);
views.ints(layout.identityAt, LATENTS).forEach((_, latent, all) => {
  all[latent] = latent;
});

function fill(seed: number, scale: number): void {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  views.encoder.forEach((_, at, all) => {
    all[at] = next() * scale;
  });
  views.encoderBias.forEach((_, at, all) => {
    all[at] = next();
  });
  rows.forEach((_, at, all) => {
    all[at] = next();
  });
}

/** Exact products in float64. */
function exact(row: number, latent: number): number {
  let sum = 0;
  for (let c = 0; c < DIM; c++) sum += (rows[row * DIM + c] ?? 0) * (views.encoder[latent * DIM + c] ?? 0);
  return sum;
}

const half = (value: number): number => {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(Uint32Array.of(rounded).buffer)[0] ?? 0;
};

describe("selectMain", () => {
  test("finds the k largest positive pre-activations, ascending, from products of rounded numbers as from exact ones", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.constantFrom(0.01, 1, 30),
        fc.boolean(),
        (seed, scale, coarse) => {
          fill(seed, scale);
          threads.run({ kernel: "refresh", to: LATENTS });
          threads.run({ kernel: "prepare", to: ROWS, chunk: ROWS, args: [1] });
          const lost = views.floats(layout.encoderRoundingAt, LATENTS);
          const norms = views.floats(layout.encoderNormAt, LATENTS);
          const relative = lost.reduce(
            (most, loss, latent) => Math.max(most, loss / (norms[latent] ?? 1)),
            0,
          );
          for (let row = 0; row < ROWS; row++) {
            for (let latent = 0; latent < LATENTS; latent++) {
              let sum = exact(row, latent);
              if (coarse) {
                sum = 0;
                for (let c = 0; c < DIM; c++) {
                  sum += half(rows[row * DIM + c] ?? 0) * half(views.encoder[latent * DIM + c] ?? 0);
                }
              }
              product[row * LATENTS + latent] = sum;
            }
          }
          const error = 2 ** -12 + (coarse ? relative : 0);
          threads.run({ kernel: "selectMain", to: ROWS, chunk: ROWS, args: [0, 0, error, Number(coarse)] });
          const { main } = layout;
          for (let row = 0; row < ROWS; row++) {
            const best = Array.from({ length: LATENTS }, (_, latent) => ({
              latent,
              value: exact(row, latent) + (views.encoderBias[latent] ?? 0),
            }))
              .filter(({ value }) => value > 0)
              .sort((a, b) => b.value - a.value)
              .slice(0, K)
              .sort((a, b) => a.latent - b.latent);
            const count = views.ints(main.countAt, ROWS)[row] ?? -1;
            const found = views.ints(main.latentAt + 4 * row * main.room, main.room);
            const values = views.floats(main.valueAt + 4 * row * main.room, main.room);
            expect([...found.subarray(0, count)]).toEqual(best.map(({ latent }) => latent));
            best.forEach(({ value }, at) => {
              expect(values[at]).toBeCloseTo(value, 4);
            });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("of equal values the first latents win", () => {
    views.encoder.fill(0);
    views.encoderBias.fill(1);
    threads.run({ kernel: "refresh", to: LATENTS });
    product.fill(0);
    threads.run({ kernel: "selectMain", to: ROWS, chunk: ROWS, args: [0, 0, 2 ** -12, 0] });
    expect([...views.ints(layout.main.latentAt, K)]).toEqual([0, 1, 2, 3, 4]);
  });

  test("nothing positive leaves a row without active latents", () => {
    views.encoderBias.fill(-1);
    threads.run({ kernel: "selectMain", to: ROWS, chunk: ROWS, args: [0, 0, 2 ** -12, 0] });
    expect(views.ints(layout.main.countAt, ROWS).every((count) => count === 0)).toBe(true);
  });
});
