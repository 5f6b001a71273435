/**
 * LoRA training in process: forward and explicit backward pass as ggml graphs, one example at a time in each lane, AdamW in typed
 * arrays. Equal inputs give bitwise equal gradients for a given number of threads.
 */
import os from "node:os";
import { TensorShelf, writeTensor } from "../../engine/llama/tensor-shelf.ts";
import { CountersteerError } from "../../errors.ts";
import type { LoraTrainer, LossSum, TrainerState, UpdateOptions } from "../train/lora-trainer.ts";
import type { LoraFactors, LoraShape, PackedRows } from "../types.ts";
import { adamW } from "./adam-w.ts";
import {
  type AdapterSlot,
  adapterSlots,
  factorsOf,
  initialParameters,
  parameterCount,
} from "./adapter-parameters.ts";
import { type DropoutPool, openDropoutPool } from "./dropout.ts";
import { type FrozenWeights, loadFrozenWeights, type Precision } from "./frozen-weights.ts";
import { LoraLane, type SlotTensors } from "./lora-lane.ts";
import { shareOut, splitExamples } from "./split-examples.ts";
import { readTrainableModel, type TrainableModel } from "./trainable-model.ts";

export interface OpenLoraTrainer {
  /** GGUF file of a Llama-family model. */
  model: string;
  shape: LoraShape;
  /** Of the first weights and of dropout. */
  seed: number;
  /** Rows of one pack at most; memory grows with the longest example, not with the pack. */
  maxRows: number;
  /** @default all cores */
  threads?: number;
  /** @default fast */
  precision?: Precision;
}

export interface GgmlLoraTrainer extends LoraTrainer {
  /** Copies of the gradient sums since the last update. */
  gradients(): LoraFactors[];
}

/** As many graphs as libuv's default pool runs at once. */
const MOST_LANES = 4;
/** PyTorch's, in clipping. */
const NORM_EPSILON = 1e-6;

/**
 * The rows of B, like those of `gradients()`, are in the order of the GGUF file's matrices: in files of architecture `llama` those of
 * attn_q and attn_k are permuted against transformers' order.
 * Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED, LIBRARY_MISMATCH, ENGINE_CRASHED.
 */
export async function openLoraTrainer({
  model: path,
  shape,
  seed,
  maxRows,
  threads = os.availableParallelism(),
  precision = "fast",
}: OpenLoraTrainer): Promise<GgmlLoraTrainer> {
  const model = await readTrainableModel({ path });
  const weights = await loadFrozenWeights({ model, precision });
  const slots = adapterSlots({ shape, blocks: weights.blocks });
  return new Trainer({ model, weights, slots, shape, seed, maxRows, threads, precision });
}

interface TrainerOptions {
  model: TrainableModel;
  weights: FrozenWeights;
  slots: readonly AdapterSlot[];
  shape: LoraShape;
  seed: number;
  maxRows: number;
  threads: number;
  precision: Precision;
}

class Trainer implements GgmlLoraTrainer {
  readonly parameters: number;
  readonly #options: TrainerOptions;
  readonly #shelf: TensorShelf;
  readonly #factors: SlotTensors[];
  readonly #lanes: LoraLane[];
  readonly #dropout: DropoutPool | null;
  readonly #optimizer: { step: number; weights: Float32Array; first: Float32Array; second: Float32Array };
  /** Since the last update. */
  #loss = 0;

  constructor(options: TrainerOptions) {
    const { slots, shape, seed, threads } = options;
    this.#options = options;
    this.parameters = parameterCount(slots);
    const zeros = () => new Float32Array(this.parameters);
    this.#optimizer = {
      step: 0,
      weights: initialParameters({ slots, seed }),
      first: zeros(),
      second: zeros(),
    };
    this.#shelf = new TensorShelf({ count: 2 * slots.length });
    this.#factors = slots.map(({ inputs, outputs, rank }) => ({
      a: this.#shelf.add({ type: "f32", columns: inputs, rows: rank }),
      b: this.#shelf.add({ type: "f32", columns: outputs, rows: rank }),
    }));
    this.#shelf.allocate();
    const lanes = Math.min(MOST_LANES, threads);
    this.#lanes = Array.from(
      { length: lanes },
      () => new LoraLane({ slots, factors: this.#factors, threads: Math.floor(threads / lanes) }),
    );
    const widths = slots.map(({ inputs }) => inputs);
    this.#dropout = shape.dropout > 0 ? openDropoutPool({ dropout: shape.dropout, seed, widths }) : null;
    this.#upload();
  }

  async accumulate(rows: PackedRows, { dropoutKey }: { dropoutKey: number }): Promise<LossSum> {
    const sum = await this.#pass(rows, { dropout: this.#dropout, key: [dropoutKey] });
    this.#loss += sum.loss;
    return sum;
  }

  evaluate(rows: PackedRows): Promise<LossSum> {
    return this.#pass(rows, null);
  }

  async #pass(
    rows: PackedRows,
    backwards: { dropout: DropoutPool | null; key: readonly number[] } | null,
  ): Promise<LossSum> {
    const { model, weights, precision, maxRows } = this.#options;
    if (rows.tokens.length > maxRows) {
      throw new RangeError(`a pack of ${rows.tokens.length} rows is more than the ${maxRows} asked for`);
    }
    const examples = splitExamples(rows);
    const shares = shareOut({ examples, lanes: this.#lanes.length });
    const losses = await Promise.all(
      this.#lanes.map((lane, index) =>
        lane.run({ examples: shares[index] ?? [], model, weights, backwards, half: precision === "fast" }),
      ),
    );
    const byExample = new Map(losses.flatMap((each) => [...each]));
    let loss = 0;
    for (const { number } of examples) loss += byExample.get(number) ?? 0;
    return { loss, targets: examples.reduce((count, { targets }) => count + targets.length, 0) };
  }

  update({ maxNorm, targets, ...options }: UpdateOptions): { norm: number } {
    const gradient = this.#gradient();
    const norm = normOf(gradient) / targets;
    if (!Number.isFinite(this.#loss) || !Number.isFinite(norm)) {
      throw diverged({
        step: this.#optimizer.step + 1,
        loss: this.#loss / targets,
        norm,
        learningRate: options.learningRate,
      });
    }
    const scale = Math.min(1, maxNorm / (norm + NORM_EPSILON)) / targets;
    adamW(this.#optimizer, { ...options, gradient, scale });
    this.#upload();
    this.#clear();
    return { norm };
  }

  /** The lanes' sums in the order of the lanes. */
  #gradient(): Float32Array {
    const [first = new Float32Array(this.parameters), ...others] = this.#lanes.map((lane) =>
      lane.gradients(),
    );
    for (const other of others) {
      for (let at = 0; at < first.length; at++) first[at] = (first[at] ?? 0) + (other[at] ?? 0);
    }
    for (const { bAt, rank, outputs } of this.#options.slots) {
      for (let at = bAt; at < bAt + rank * outputs; at++) first[at] = (first[at] ?? 0) * this.#scale;
    }
    return first;
  }

  get #scale(): number {
    return this.#options.shape.alpha / this.#options.shape.rank;
  }

  #upload(): void {
    const { weights } = this.#optimizer;
    for (const [index, { aAt, bAt, rank, outputs }] of this.#options.slots.entries()) {
      const factor = this.#factors[index];
      if (factor === undefined) continue;
      const scaled = weights.slice(bAt, bAt + rank * outputs);
      for (let at = 0; at < scaled.length; at++) scaled[at] = (scaled[at] ?? 0) * this.#scale;
      writeTensor(factor.a, weights.subarray(aAt, bAt));
      writeTensor(factor.b, scaled);
    }
  }

  #clear(): void {
    this.#loss = 0;
    for (const lane of this.#lanes) lane.clear();
  }

  factors(): LoraFactors[] {
    return factorsOf({ slots: this.#options.slots, values: this.#optimizer.weights });
  }

  gradients(): LoraFactors[] {
    return factorsOf({ slots: this.#options.slots, values: this.#gradient() });
  }

  state(): TrainerState {
    const { step, weights, first, second } = this.#optimizer;
    return { step, tensors: { weights: weights.slice(), first: first.slice(), second: second.slice() } };
  }

  /** Throws RangeError for the state of another shape. */
  restore({ step, tensors }: TrainerState): void {
    for (const name of ["weights", "first", "second"] as const) {
      const values = tensors[name];
      if (values?.length !== this.parameters) {
        throw new RangeError(`the state's ${name} are not those of ${this.parameters} parameters`);
      }
      this.#optimizer[name].set(values);
    }
    this.#optimizer.step = step;
    this.#upload();
    this.#clear();
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes.splice(0)) lane.close();
    this.#dropout?.close();
    this.#shelf.close();
    this.#options.weights.close();
  }
}

/** A loop of its own: over millions of numbers a callback would cost more than the sum. */
function normOf(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) ** 2;
  return Math.sqrt(sum);
}

function diverged(facts: {
  step: number;
  loss: number;
  norm: number;
  learningRate: number;
}): CountersteerError {
  const { step, loss, norm } = facts;
  return new CountersteerError("FINETUNE_DIVERGED", {
    what: Number.isFinite(loss)
      ? `The gradient's norm at step ${step} is ${norm}.`
      : `The loss of step ${step} is ${loss}.`,
    why: "The steps are too large, or what is added to the residual stream is.",
    todo: "Train again with a smaller learning rate, a longer warm-up or weaker steering, in another folder; the last checkpoint is as it was.",
    facts: { ...facts, loss: String(loss), norm: String(norm) },
  });
}
