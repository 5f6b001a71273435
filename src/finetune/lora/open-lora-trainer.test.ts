import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  type FixtureModel,
  fixturePath,
  readLoraFixture,
  trainerWith,
} from "../../../test/support/lora-fixture.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TINY_METADATA, tinyGguf, tinyTensors } from "../../../test/support/tiny-gguf.ts";
import { type LoraShape, MATRIX_NAMES, type PackedRows } from "../types.ts";
import { type GgmlLoraTrainer, openLoraTrainer } from "./open-lora-trainer.ts";

const MODEL: FixtureModel = "llama";
const SHAPE: LoraShape = { rank: 4, alpha: 8, dropout: 0, matrices: MATRIX_NAMES, layers: [0, 1] };
const UPDATE = { learningRate: 0.01, maxNorm: 1, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const { pack, factors } = readLoraFixture(MODEL);

const opened: GgmlLoraTrainer[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

async function open(options: Partial<Parameters<typeof trainerWith>[0]> = {}): Promise<GgmlLoraTrainer> {
  const trainer = await trainerWith({ model: MODEL, factors, precision: "fast", ...options });
  opened.push(trainer);
  return trainer;
}

async function fresh(shape: Partial<LoraShape> = {}, seed = 3): Promise<GgmlLoraTrainer> {
  const options = { model: fixturePath(MODEL), seed, maxRows: 256, threads: 2 };
  const trainer = await openLoraTrainer({ ...options, shape: { ...SHAPE, ...shape } });
  opened.push(trainer);
  return trainer;
}

/** Everything that a step changes, as one text: equal only if every bit is. */
function bytesOf(trainer: GgmlLoraTrainer): string {
  const { step, tensors } = trainer.state();
  const texts = Object.entries(tensors).map(([name, values]) => {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
  });
  return `${step} ${texts.join(" ")}`;
}

async function step(trainer: GgmlLoraTrainer, key: number): Promise<{ loss: number; norm: number }> {
  const { loss, targets } = await trainer.accumulate(pack, { dropoutKey: key });
  return { loss, ...trainer.update({ ...UPDATE, targets }) };
}

describe("first weights", () => {
  test("A is uniform within 1 / sqrt(inputs) and B is zero, so that nothing is changed", async () => {
    const trainer = await fresh();
    for (const { a, b } of trainer.factors()) {
      const bound = 1 / Math.sqrt(a.length / SHAPE.rank);
      expect(a.every((value) => Math.abs(value) <= bound)).toBe(true);
      expect(Math.max(...a)).toBeGreaterThan(0.9 * bound);
      expect(Math.min(...a)).toBeLessThan(-0.9 * bound);
      expect(b.every((value) => value === 0)).toBe(true);
    }
    const one = await fresh({ matrices: ["attn_q"] });
    expect((await one.evaluate(pack)).loss).toBe((await trainer.evaluate(pack)).loss);
  });

  test("equal seeds draw equal weights, other seeds others", async () => {
    expect((await fresh()).factors()).toEqual((await fresh()).factors());
    expect((await fresh({}, 4)).factors()).not.toEqual((await fresh()).factors());
  });

  test("the parameters are those of the factors", async () => {
    const trainer = await fresh({ matrices: ["attn_k", "ffn_down"], layers: [1] });
    const numbers = trainer.factors().reduce((sum, { a, b }) => sum + a.length + b.length, 0);
    expect(trainer.parameters).toBe(numbers);
  });
});

test("equal steps give bitwise equal losses, norms and weights", async () => {
  const runs = [await open({ dropout: 0.2 }), await open({ dropout: 0.2 })];
  const reports = await Promise.all(runs.map(async (run) => [await step(run, 1), await step(run, 2)]));
  expect(reports[0]).toEqual(reports[1]);
  const [first, second] = runs.map(bytesOf);
  expect(first).toEqual(second);
});

test("a restored state goes on bitwise as the training that it was taken from", async () => {
  const whole = await open({ dropout: 0.2 });
  await step(whole, 1);
  const state = whole.state();
  const resumed = await open({ dropout: 0.2 });
  resumed.restore(state);
  const last = await step(whole, 2);
  expect(await step(resumed, 2)).toEqual(last);
  expect(bytesOf(resumed)).toEqual(bytesOf(whole));
});

test("the state of another shape is refused", async () => {
  const trainer = await fresh();
  const state = (await fresh({ rank: 2 })).state();
  expect(() => trainer.restore(state)).toThrow(RangeError);
});

test("another dropout key gives another gradient, and evaluation draws no dropout", async () => {
  const trainer = await open({ dropout: 0.4 });
  const plain = await open();
  const [first, second] = [
    await trainer.accumulate(pack, { dropoutKey: 1 }),
    await trainer.accumulate(pack, { dropoutKey: 2 }),
  ];
  expect(first.loss).not.toBe(second.loss);
  expect((await trainer.evaluate(pack)).loss).toBe((await plain.evaluate(pack)).loss);
});

test("updates make the loss of the batch fall", async () => {
  const trainer = await open();
  const first = await step(trainer, 1);
  for (let key = 2; key <= 12; key++) await step(trainer, key);
  expect((await trainer.evaluate(pack)).loss).toBeLessThan(0.8 * first.loss);
});

test("two accumulated packs have the gradient of both", async () => {
  const [twice, once] = [await open(), await open()];
  for (const key of [1, 2]) await twice.accumulate(pack, { dropoutKey: key });
  await once.accumulate(pack, { dropoutKey: 1 });
  const [sum, single] = [twice.gradients(), once.gradients()];
  for (const [index, { a }] of sum.entries()) {
    a.forEach((value, at) => {
      expect(value).toBeCloseTo(2 * (single[index]?.a[at] ?? Number.NaN), 3);
    });
  }
});

test("a loss that is not a number is FINETUNE_DIVERGED, and no weight changes", async () => {
  const trainer = await open();
  const before = bytesOf(trainer);
  const rows = new Float32Array(pack.addition?.rows.length ?? 0).fill(Number.NaN);
  const broken: PackedRows = { ...pack, addition: { layer: 0, rows } };
  const { targets } = await trainer.accumulate(broken, { dropoutKey: 1 });
  expect(() => trainer.update({ ...UPDATE, targets })).toThrow(
    expect.objectContaining({ code: "FINETUNE_DIVERGED" }),
  );
  expect(bytesOf(trainer)).toEqual(before);
});

test("a pack above the rows that were asked for is refused", async () => {
  const trainer = await fresh();
  const tokens = new Int32Array(257);
  const large = { tokens, positions: tokens, examples: tokens, targets: tokens, addition: null };
  await expect(trainer.evaluate(large)).rejects.toThrow(RangeError);
});

describe("a model that the graph does not compute is MODEL_UNSUPPORTED", () => {
  const known = {
    ...TINY_METADATA,
    "llama.attention.head_count": 4,
    "llama.attention.layer_norm_rms_epsilon": { float32: 1e-5 },
  };
  const cases = [
    { name: "architecture", metadata: { ...known, "general.architecture": "gemma3" }, names: /gemma3/ },
    { name: "metadata", metadata: TINY_METADATA, names: /heads/ },
    { name: "rotation", metadata: { ...known, "llama.rope.scaling.type": "yarn" }, names: /scaling/ },
    { name: "tensor", metadata: known, names: /post_norm/ },
  ];
  test.each(cases)("$name", async ({ metadata, names }) => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, "model.gguf");
    writeFileSync(model, tinyGguf({ metadata, tensors: tinyTensors() }));
    await expect(openLoraTrainer({ model, shape: SHAPE, seed: 1, maxRows: 8 })).rejects.toThrow(
      expect.objectContaining({ code: "MODEL_UNSUPPORTED", message: expect.stringMatching(names) }),
    );
  });
});
