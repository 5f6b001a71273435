/** Against PEFT's loss and gradients on models made by bench/peers/lora_fixture.py. */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { openSafetensors } from "../../sae/safetensors.ts";
import { type LoraFactors, MATRIX_NAMES, type PackedRows } from "../types.ts";
import { type GgmlLoraTrainer, openLoraTrainer } from "./open-lora-trainer.ts";

const FOLDER = fileURLToPath(new URL("../../../test/data/finetune/", import.meta.url));
const SHAPE = { rank: 8, alpha: 16, dropout: 0, matrices: MATRIX_NAMES, layers: [0, 1] };
const EXAMPLES = [0, 1];
/** Layer whose output the fixture adds to, or none. */
const STEERED: Record<string, number> = { llama: 0 };
const ARCHITECTURES = ["llama", "qwen2"];

const open: GgmlLoraTrainer[] = [];
afterEach(async () => {
  for (const trainer of open.splice(0)) await trainer.close();
});

interface Fixture {
  pack: PackedRows;
  losses: Float32Array;
  factors: LoraFactors[];
  gradients: LoraFactors[];
}

function readFixture(architecture: string): Fixture {
  const file = openSafetensors({ path: `${FOLDER}${architecture}.safetensors` });
  const read = (name: string) => file.readTensor(name);
  const lengths = EXAMPLES.map((number) => read(`tokens.${number}`).length);
  const layer = STEERED[architecture];
  const direction = read("addition");
  const dModel = direction.length / Math.max(...lengths);
  const joined = (name: string) =>
    Int32Array.from(EXAMPLES.flatMap((number) => [...read(`${name}.${number}`)]));
  const each = (of: (position: number, number: number) => number) =>
    Int32Array.from(lengths.flatMap((length, number) => Array.from({ length }, (_, at) => of(at, number))));
  const tokens = joined("tokens");
  const of = (kind: "" | "gradient_") =>
    SHAPE.layers.flatMap((block) =>
      MATRIX_NAMES.map((matrix) => ({
        layer: block,
        matrix,
        a: read(`${block}.${matrix}.${kind}a`),
        b: read(`${block}.${matrix}.${kind}b`),
      })),
    );
  const rows = Float32Array.from({ length: tokens.length * dModel }, (_, at) => direction[at % dModel] ?? 0);
  const fixture = {
    pack: {
      tokens,
      positions: each((position) => position),
      examples: each((_, number) => number),
      targets: joined("targets"),
      addition: layer === undefined ? null : { layer, rows },
    },
    losses: read("losses"),
    factors: of(""),
    gradients: of("gradient_"),
  };
  file.close();
  return fixture;
}

/** A trainer that begins with the given factors. */
async function trainerWith({
  architecture,
  factors,
  ...options
}: {
  architecture: string;
  factors: LoraFactors[];
  precision?: "exact" | "fast";
  threads?: number;
  dropout?: number;
  layers?: number[];
}): Promise<GgmlLoraTrainer> {
  const { precision = "exact", threads = 2, dropout = 0, layers = SHAPE.layers } = options;
  const trainer = await openLoraTrainer({
    model: `${FOLDER}${architecture}.gguf`,
    shape: { ...SHAPE, dropout, layers },
    seed: 1,
    maxRows: 256,
    threads,
    precision,
  });
  open.push(trainer);
  const state = trainer.state();
  const weights = factors
    .filter(({ layer }) => layers.includes(layer))
    .flatMap(({ a, b }) => {
      const outputs = b.length / SHAPE.rank;
      const transposed = Array.from(
        b,
        (_, at) => b[(at % outputs) * SHAPE.rank + Math.floor(at / outputs)] ?? 0,
      );
      return [...a, ...transposed];
    });
  trainer.restore({ step: 0, tensors: { ...state.tensors, weights: Float32Array.from(weights) } });
  return trainer;
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function relativeError(found: Float32Array, wanted: Float32Array): number {
  return norm(found.map((value, at) => value - (wanted[at] ?? 0))) / norm(wanted);
}

function errors(found: LoraFactors[], wanted: LoraFactors[]): { name: string; a: number; b: number }[] {
  return wanted.map(({ layer, matrix, a, b }) => {
    const mine = found.find((each) => each.layer === layer && each.matrix === matrix);
    if (mine === undefined) throw new Error(`no gradient of ${layer} ${matrix}`);
    return { name: `${layer} ${matrix}`, a: relativeError(mine.a, a), b: relativeError(mine.b, b) };
  });
}

describe.each(ARCHITECTURES)("%s", (architecture) => {
  test("loss and gradients of two packed, masked examples equal PEFT's within 1e-3", async () => {
    const { pack, losses, factors, gradients } = readFixture(architecture);
    const trainer = await trainerWith({ architecture, factors });
    const { loss, targets } = await trainer.accumulate(pack, { dropoutKey: 1 });
    expect(loss).toBeCloseTo(
      losses.reduce((sum, each) => sum + each, 0),
      3,
    );
    expect(targets).toBe(pack.targets.filter((target) => target >= 0).length);
    for (const { name, a, b } of errors(trainer.gradients(), gradients)) {
      expect.soft(a, `${name} A`).toBeLessThan(1e-3);
      expect.soft(b, `${name} B`).toBeLessThan(1e-3);
    }
  });
});
