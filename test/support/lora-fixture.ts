/** The two-block models of test/data/finetune, with PEFT's factors, losses and gradients (bench/peers/lora_fixture.py). */
import { fileURLToPath } from "node:url";
import { type GgmlLoraTrainer, openLoraTrainer } from "../../src/finetune/lora/open-lora-trainer.ts";
import { type LoraFactors, MATRIX_NAMES, type PackedRows } from "../../src/finetune/types.ts";
import { openSafetensors } from "../../src/sae/safetensors.ts";

const FOLDER = fileURLToPath(new URL("../data/finetune/", import.meta.url));
const RANK = 8;
const LAYERS = [0, 1];
const ALPHA = 16;
const EXAMPLES = [0, 1];
/** Layer whose output the fixture adds to. */
const STEERED_LAYER: Readonly<Record<string, number>> = { llama: 0 };

export type FixtureModel = "llama" | "qwen2";

export function fixturePath(model: FixtureModel): string {
  return `${FOLDER}${model}.gguf`;
}

export interface LoraFixture {
  pack: PackedRows;
  /** By example, summed over its targets. */
  losses: Float32Array;
  factors: LoraFactors[];
  gradients: LoraFactors[];
}

export function readLoraFixture(model: FixtureModel): LoraFixture {
  const file = openSafetensors({ path: `${FOLDER}${model}.safetensors` });
  const read = (name: string) => file.readTensor(name);
  const joined = (name: string) =>
    Int32Array.from(EXAMPLES.flatMap((number) => [...read(`${name}.${number}`)]));
  const lengths = EXAMPLES.map((number) => read(`tokens.${number}`).length);
  const each = (of: (position: number, number: number) => number) =>
    Int32Array.from(lengths.flatMap((length, number) => Array.from({ length }, (_, at) => of(at, number))));
  const factors = (kind: "" | "gradient_"): LoraFactors[] =>
    LAYERS.flatMap((layer) =>
      MATRIX_NAMES.map((matrix) => ({
        layer,
        matrix,
        a: read(`${layer}.${matrix}.${kind}a`),
        b: read(`${layer}.${matrix}.${kind}b`),
      })),
    );
  const tokens = joined("tokens");
  const addition = read("addition");
  const dModel = addition.length / Math.max(...lengths);
  const layer = STEERED_LAYER[model];
  const rows = Float32Array.from({ length: tokens.length * dModel }, (_, at) => addition[at % dModel] ?? 0);
  const fixture = {
    pack: {
      tokens,
      positions: each((position) => position),
      examples: each((_, number) => number),
      targets: joined("targets"),
      addition: layer === undefined ? null : { layer, rows },
    },
    losses: read("losses"),
    factors: factors(""),
    gradients: factors("gradient_"),
  };
  file.close();
  return fixture;
}

/** The rows of one example of a pack. */
export function exampleOf(pack: PackedRows, number: number): PackedRows {
  const start = pack.examples.indexOf(number);
  const end = pack.examples.lastIndexOf(number) + 1;
  const { addition } = pack;
  const dModel = (addition?.rows.length ?? 0) / pack.tokens.length;
  return {
    tokens: pack.tokens.slice(start, end),
    positions: pack.positions.slice(start, end),
    examples: pack.examples.slice(start, end),
    targets: pack.targets.slice(start, end),
    addition:
      addition === null ? null : { ...addition, rows: addition.rows.slice(start * dModel, end * dModel) },
  };
}

/** A trainer of the fixture's shape that begins with the given factors. */
export async function trainerWith({
  model,
  factors,
  precision = "exact",
  dropout = 0,
  layers = LAYERS,
  threads = 2,
}: {
  model: FixtureModel;
  factors: readonly LoraFactors[];
  precision?: "exact" | "fast";
  dropout?: number;
  layers?: readonly number[];
  threads?: number;
}): Promise<GgmlLoraTrainer> {
  const trainer = await openLoraTrainer({
    model: fixturePath(model),
    shape: { rank: RANK, alpha: ALPHA, dropout, matrices: MATRIX_NAMES, layers },
    seed: 1,
    maxRows: 256,
    threads,
    precision,
  });
  setFactors({ trainer, factors: factors.filter(({ layer }) => layers.includes(layer)) });
  return trainer;
}

/** The trainer keeps B transposed. */
export function setFactors({
  trainer,
  factors,
}: {
  trainer: GgmlLoraTrainer;
  factors: readonly LoraFactors[];
}): void {
  const weights = factors.flatMap(({ a, b }) => {
    const outputs = b.length / RANK;
    return [...a, ...Array.from(b, (_, at) => b[(at % outputs) * RANK + Math.floor(at / outputs)] ?? 0)];
  });
  const { tensors } = trainer.state();
  trainer.restore({ step: 0, tensors: { ...tensors, weights: Float32Array.from(weights) } });
}

/** Of a vector of numbers. */
export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** `|found - wanted| / |wanted|` of each factor. */
export function relativeErrors({
  found,
  wanted,
}: {
  found: readonly LoraFactors[];
  wanted: readonly LoraFactors[];
}): { name: string; error: number }[] {
  return wanted.flatMap(({ layer, matrix, a, b }) => {
    const mine = found.find((each) => each.layer === layer && each.matrix === matrix);
    if (mine === undefined) throw new Error(`there is no ${matrix} of block ${layer}`);
    const error = (x: Float32Array, y: Float32Array) =>
      norm(x.map((value, at) => value - (y[at] ?? 0))) / norm(y);
    return [
      { name: `${layer} ${matrix} A`, error: error(mine.a, a) },
      { name: `${layer} ${matrix} B`, error: error(mine.b, b) },
    ];
  });
}
