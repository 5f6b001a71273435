/** Which examples a step trains on: a function of the seed and the step alone, so that a training can go on at any step. */
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";

/** Streams of the seed that belong to epochs begin here. */
const EPOCH_STREAM = 1_000_000;

export interface BatchOrder {
  examples: number;
  /** Examples of a step; the last step of an epoch takes what is left. */
  batch: number;
  seed: number;
}

export function stepsPerEpoch({ examples, batch }: Pick<BatchOrder, "examples" | "batch">): number {
  return Math.ceil(examples / batch);
}

/** Indices of the step's examples, and the epoch that it belongs to. @param step from 0 */
export function batchAt({ examples, batch, seed, step }: BatchOrder & { step: number }): {
  epoch: number;
  indices: number[];
} {
  const perEpoch = stepsPerEpoch({ examples, batch });
  const epoch = Math.floor(step / perEpoch);
  const order = shuffle([...Array(examples).keys()], createRng({ seed, stream: EPOCH_STREAM + epoch }));
  const first = (step % perEpoch) * batch;
  return { epoch, indices: order.slice(first, first + batch) };
}
