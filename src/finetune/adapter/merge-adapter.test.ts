import { writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { adapters, SIZES, tinyWeights, writeTinyModel } from "../../../test/support/tiny-adapter.ts";
import { TINY_METADATA, tinyGguf, tinyTensors } from "../../../test/support/tiny-gguf.ts";
import { readFloatRows } from "../../engine/llama/float-rows.ts";
import { readGgufInfo } from "../../model/gguf-info.ts";
import { readGgufRows, readGgufTensors } from "../../model/gguf-tensors.ts";
import { type LoraFactors, type LoraShape, MATRIX_NAMES } from "../types.ts";
import { adapterOf, type LoraAdapter } from "./lora-adapter.ts";
import { MERGE_TYPES, type MergeType, mergeAdapter } from "./merge-adapter.ts";

let folder: TemporaryFolder;
const file = (name: string) => path.join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel({ path: file("base.gguf") });
});

afterAll(() => folder[Symbol.asyncDispose]());

function product({ a, b }: LoraFactors, { rank, alpha }: LoraShape, inputs: number): Float64Array {
  return Float64Array.from({ length: (b.length / rank) * inputs }, (_, i) => {
    const [row, column] = [Math.floor(i / inputs), i % inputs];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += (b[row * rank + r] ?? 0) * (a[r * inputs + column] ?? 0);
    return (sum * alpha) / rank;
  });
}

/** Factors below 1, so that no type overflows. */
function tamed(adapter: LoraAdapter): LoraAdapter {
  const factors = adapter.factors.map((each) => ({
    ...each,
    a: each.a.map(Math.tanh),
    b: each.b.map(Math.tanh),
  }));
  return { ...adapter, factors };
}

const merge = (adapter: LoraAdapter, type: MergeType, base = "base.gguf") =>
  mergeAdapter({ base: file(base), adapter, out: file("merged.gguf"), type, provenance: { version: "1" } });

/** Largest error of a type for numbers up to the given size. */
const PRECISION: Readonly<Record<MergeType, number>> = {
  f32: 2 ** -22,
  f16: 2 ** -10,
  bf16: 2 ** -7,
  q8_0: 1 / 120,
};

test("adapted matrices are W + (alpha / rank) B A within the type's precision, all else is the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(adapters, fc.constantFrom(...MERGE_TYPES), async (some, asked) => {
      const adapter = tamed(some);
      // q8_0 takes rows of 32: only ffn_down has them
      const whole = adapter.factors.every(({ matrix }) => SIZES[matrix].inputs % 32 === 0);
      const type = asked === "q8_0" && !whole ? "f16" : asked;
      const merged = await merge(adapter, type);
      expect(merged.adapted).toBe(adapter.factors.length);
      const [before, after] = [
        await readGgufTensors({ path: file("base.gguf") }),
        await readGgufTensors({ path: file("merged.gguf") }),
      ];
      expect(after.names).toEqual(before.names);
      const {
        "general.file_type": _,
        "countersteer.merge.version": version,
        kv_count: __,
        ...kept
      } = after.metadata;
      expect(version).toBe("1");
      expect(before.metadata).toMatchObject(kept);
      for (const name of before.names) {
        const [old, now] = [before.find(name), after.find(name)];
        if (old === undefined || now === undefined) throw new Error(`no ${name}`);
        const factors = adapter.factors.find(({ layer, matrix }) => name === `blk.${layer}.${matrix}.weight`);
        const all = { start: 0, count: old.rows };
        if (factors === undefined) {
          expect(await readGgufRows({ path: after.path, matrix: now, ...all })).toEqual(
            await readGgufRows({ path: before.path, matrix: old, ...all }),
          );
          continue;
        }
        expect(now.typeName).toBe(type);
        const values = await readFloatRows({ path: after.path, matrix: now, ...all });
        const update = product(factors, adapter.shape, old.columns);
        const weights = tinyWeights(factors);
        const truth = update.map((value, i) => value + (weights[i] ?? 0));
        const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const [i, value] of values.entries()) {
          expect(Math.abs(value - (truth[i] ?? 0))).toBeLessThanOrEqual(PRECISION[type] * largest);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("a file whose matrices are merged says the type that they have now", async () => {
  const factors = [0, 1].flatMap((layer) =>
    MATRIX_NAMES.map((matrix) => {
      const { inputs, outputs } = SIZES[matrix];
      return { layer, matrix, a: new Float32Array(inputs).fill(0.5), b: new Float32Array(outputs).fill(0.5) };
    }),
  );
  await merge(adapterOf({ factors, rank: 1, alpha: 1, dropout: 0 }), "bf16");
  const { metadata } = await readGgufTensors({ path: file("merged.gguf") });
  expect(metadata["general.file_type"]).toBe(32);
  expect((await readGgufInfo({ path: file("merged.gguf") })).weightType).toBe("bf16");
});

test("quantised weights are dequantised before the update is added", async () => {
  // block 0's attn_q is Q4_1 filled with 2s: d = m = the half 0x0202, quants 2
  await writeFile(file("q4.gguf"), tinyGguf({ metadata: TINY_METADATA, tensors: tinyTensors() }));
  const factors = [
    { layer: 0, matrix: "attn_q" as const, a: new Float32Array(32).fill(1), b: new Float32Array(32).fill(1) },
  ];
  await merge(adapterOf({ factors, rank: 1, alpha: 3, dropout: 0 }), "f32", "q4.gguf");
  const half = new Float16Array(Uint16Array.of(0x0202).buffer)[0] ?? 0;
  const tensors = await readGgufTensors({ path: file("merged.gguf") });
  const matrix = tensors.find("blk.0.attn_q.weight");
  if (matrix === undefined) throw new Error("no attn_q");
  const values = await readFloatRows({ path: tensors.path, matrix, start: 31, count: 1 });
  // far below what the weights themselves add
  expect(values[0]).toBeCloseTo(3 + 2 * half + half, 6);
  expect(tensors.find("blk.1.attn_q.weight")?.typeName).toBe("q4_1");
});

test("rows that are not whole blocks can't become q8_0, and a part of a model can't be merged", async () => {
  const factors = [{ layer: 0, matrix: "attn_q" as const, a: new Float32Array(16), b: new Float32Array(16) }];
  const adapter = adapterOf({ factors, rank: 1, alpha: 1, dropout: 0 });
  await expect(merge(adapter, "q8_0")).rejects.toMatchObject({ code: "MODEL_UNSUPPORTED" });
  const metadata = { ...TINY_METADATA, "split.count": 3 };
  await writeFile(file("part.gguf"), tinyGguf({ metadata, tensors: tinyTensors() }));
  await expect(merge(adapter, "f32", "part.gguf")).rejects.toMatchObject({
    code: "MODEL_UNSUPPORTED",
    facts: { parts: 3 },
  });
});
