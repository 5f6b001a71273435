/** Loss and gradients against PEFT's, and against finite differences of the loss itself. */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  exampleOf,
  type FixtureModel,
  norm,
  readLoraFixture,
  relativeErrors,
  setFactors,
  trainerWith,
} from "../../../test/support/lora-fixture.ts";
import type { LoraFactors } from "../types.ts";
import type { GgmlLoraTrainer } from "./open-lora-trainer.ts";

const MODELS: FixtureModel[] = ["llama", "qwen2"];

const opened: GgmlLoraTrainer[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

async function open(options: Parameters<typeof trainerWith>[0]): Promise<GgmlLoraTrainer> {
  const trainer = await trainerWith(options);
  opened.push(trainer);
  return trainer;
}

/** Moves every factor by `size` along a direction drawn from the seed; gives the direction too. */
function moved({ factors, seed, size }: { factors: readonly LoraFactors[]; seed: number; size: number }) {
  let state = seed;
  const draw = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const direction = factors.map(({ layer, matrix, a, b }) => ({
    layer,
    matrix,
    a: a.map(draw),
    b: b.map(draw),
  }));
  const shifted = (values: Float32Array, along: Float32Array) =>
    values.map((value, at) => value + size * (along[at] ?? 0));
  return {
    direction,
    factors: factors.map((each, index) => ({
      ...each,
      a: shifted(each.a, direction[index]?.a ?? each.a),
      b: shifted(each.b, direction[index]?.b ?? each.b),
    })),
  };
}

function dot(x: readonly LoraFactors[], y: readonly LoraFactors[]): number {
  const of = (p: Float32Array, q: Float32Array) =>
    p.reduce((sum, value, at) => sum + value * (q[at] ?? 0), 0);
  return x.reduce((sum, { a, b }, index) => {
    const other = y[index];
    return other === undefined ? Number.NaN : sum + of(a, other.a) + of(b, other.b);
  }, 0);
}

describe.each(MODELS)("%s", (model) => {
  const { pack, losses, factors, gradients } = readLoraFixture(model);

  test("two packed, masked examples have PEFT's loss, and its gradients within 1e-3", async () => {
    const trainer = await open({ model, factors });
    const { loss, targets } = await trainer.accumulate(pack, { dropoutKey: 1 });
    const wanted = losses.reduce((sum, each) => sum + each, 0);
    expect(Math.abs(loss / wanted - 1)).toBeLessThan(1e-5);
    expect(targets).toBe(pack.targets.filter((target) => target >= 0).length);
    for (const { name, error } of relativeErrors({ found: trainer.gradients(), wanted: gradients })) {
      expect.soft(error, name).toBeLessThan(1e-3);
    }
  });

  test("in fast precision the gradients point where PEFT's do", async () => {
    const trainer = await open({ model, factors, precision: "fast" });
    const { loss } = await trainer.accumulate(pack, { dropoutKey: 1 });
    expect(Math.abs(loss / losses.reduce((sum, each) => sum + each, 0) - 1)).toBeLessThan(0.01);
    const found = trainer.gradients();
    const length = (of: readonly LoraFactors[]) => Math.sqrt(dot(of, of));
    expect(dot(found, gradients) / (length(found) * length(gradients))).toBeGreaterThan(0.99);
  });

  test("an example's loss does not depend on what it is packed with", async () => {
    const trainer = await open({ model, factors });
    for (const [number, loss] of losses.entries()) {
      const alone = await trainer.evaluate(exampleOf(pack, number));
      expect(Math.abs(alone.loss / loss - 1)).toBeLessThan(1e-5);
    }
  });

  test("the gradient along any direction is the slope of the loss, with dropout too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(0, 0.3), async (seed, dropout) => {
        const trainer = await trainerWith({ model, factors, dropout });
        try {
          const lossAt = async (size: number) => {
            setFactors({ trainer, factors: moved({ factors, seed, size }).factors });
            return (await trainer.accumulate(pack, { dropoutKey: seed })).loss;
          };
          const step = 2e-3;
          const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
          await lossAt(0);
          const found = trainer.gradients();
          const { direction } = moved({ factors, seed, size: 0 });
          const scale = Math.sqrt(dot(found, found) * dot(direction, direction));
          expect(Math.abs(dot(found, direction) - slope) / scale).toBeLessThan(1e-3);
        } finally {
          await trainer.close();
        }
      }),
      { numRuns: 6 },
    );
  });
});

test("where only the upper block is adapted, its gradients are the same", async () => {
  const { pack, factors } = readLoraFixture("qwen2");
  const withoutLower = factors.map((each) => (each.layer === 0 ? { ...each, b: each.b.map(() => 0) } : each));
  const whole = await open({ model: "qwen2", factors: withoutLower });
  const upper = await open({ model: "qwen2", factors, layers: [1] });
  await whole.accumulate(pack, { dropoutKey: 1 });
  await upper.accumulate(pack, { dropoutKey: 1 });
  const wanted = whole.gradients().filter(({ layer }) => layer === 1);
  for (const { name, error } of relativeErrors({ found: upper.gradients(), wanted })) {
    expect.soft(error, name).toBeLessThan(1e-5);
  }
});

test("a row without a later target changes neither loss nor gradient", async () => {
  const { pack, factors } = readLoraFixture("llama");
  const trainer = await open({ model: "llama", factors });
  const other = { ...pack, tokens: pack.tokens.slice() };
  const last = pack.examples.lastIndexOf(0);
  expect(pack.targets[last]).toBe(-1);
  other.tokens[last] = ((pack.tokens[last] ?? 0) + 1) % 128;
  const first = await trainer.evaluate(pack);
  expect(await trainer.evaluate(other)).toEqual(first);
  expect(trainer.gradients().every(({ a, b }) => norm(a) === 0 && norm(b) === 0)).toBe(true);
});
