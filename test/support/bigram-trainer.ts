/**
 * A trainer whose model is a table of next-token logits, small enough to be exact and instant: the training loop's own tests need some
 * numbers that depend on every row, target, addition and dropout key that it is given. The real model's tests are in test/model.
 */
import type { LoraTrainer, LossSum, TrainerState } from "../../src/finetune/train/lora-trainer.ts";
import type { PackedRows } from "../../src/finetune/types.ts";
import { createRng } from "../../src/stats/rng.ts";

export interface BigramTrainerOptions {
  vocabulary: number;
  seed: number;
  /** Chance that a logit of a row is zeroed in `accumulate`. */
  dropout: number;
}

export function bigramTrainer({ vocabulary, seed, dropout }: BigramTrainerOptions): LoraTrainer {
  const size = vocabulary * vocabulary;
  const rng = createRng({ seed });
  const weights = Float32Array.from({ length: size }, () => rng.next() - 0.5);
  const gradient = new Float64Array(size);
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  let step = 0;

  const pass = (rows: PackedRows, dropoutKey: number | null): LossSum => {
    const sum = { loss: 0, targets: 0 };
    const masks = createRng({ seed, stream: dropoutKey ?? 0 });
    for (const [row, token] of rows.tokens.entries()) {
      const kept = Array.from({ length: vocabulary }, () => dropoutKey === null || masks.next() >= dropout);
      const target = rows.targets[row] ?? -1;
      if (target < 0) continue;
      const logits = kept.map((keep, next) => {
        const weight = keep ? (weights[token * vocabulary + next] ?? 0) : 0;
        return (
          weight + (rows.addition?.rows[row * (rows.addition.rows.length / rows.tokens.length)] ?? 0) * next
        );
      });
      const top = Math.max(...logits);
      const total = logits.reduce((all, logit) => all + Math.exp(logit - top), 0);
      sum.loss += Math.log(total) + top - (logits[target] ?? 0);
      sum.targets += 1;
      if (dropoutKey === null) continue;
      for (const [next, logit] of logits.entries()) {
        const error = Math.exp(logit - top) / total - Number(next === target);
        const at = token * vocabulary + next;
        if (kept[next]) gradient[at] = (gradient[at] ?? 0) + error;
      }
    }
    return sum;
  };

  return {
    parameters: size,
    accumulate: async (rows, options) => pass(rows, options.dropoutKey),
    evaluate: async (rows) => pass(rows, null),
    update({ learningRate, maxNorm, weightDecay, beta1, beta2, epsilon, targets }) {
      const norm = Math.hypot(...gradient) / targets;
      const scale = Math.min(1, maxNorm / norm) / targets;
      step += 1;
      for (const [at, sum] of gradient.entries()) {
        const g = sum * scale;
        first[at] = beta1 * (first[at] ?? 0) + (1 - beta1) * g;
        second[at] = beta2 * (second[at] ?? 0) + (1 - beta2) * g * g;
        const m = (first[at] ?? 0) / (1 - beta1 ** step);
        const v = (second[at] ?? 0) / (1 - beta2 ** step);
        const weight = weights[at] ?? 0;
        weights[at] = weight - learningRate * (m / (Math.sqrt(v) + epsilon) + weightDecay * weight);
      }
      gradient.fill(0);
      return { norm };
    },
    factors: () => [{ layer: 0, matrix: "attn_q", a: weights, b: Float32Array.of(1) }],
    state: (): TrainerState => ({
      step,
      tensors: { weights: weights.slice(), first: first.slice(), second: second.slice() },
    }),
    restore(state) {
      step = state.step;
      weights.set(state.tensors.weights ?? []);
      first.set(state.tensors.first ?? []);
      second.set(state.tensors.second ?? []);
    },
    close: async () => undefined,
  };
}
