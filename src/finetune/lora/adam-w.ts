/** AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), in the order of PyTorch's steps, over flat arrays. */
export interface AdamWState {
  /** Updates done. */
  step: number;
  weights: Float32Array;
  first: Float32Array;
  second: Float32Array;
}

export interface AdamWOptions {
  learningRate: number;
  weightDecay: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  gradient: Float32Array;
  /** Factor on the gradient. */
  scale: number;
}

export function adamW(state: AdamWState, options: AdamWOptions): void {
  const { weights, first, second } = state;
  const { learningRate, weightDecay, beta1, beta2, epsilon, gradient, scale } = options;
  state.step += 1;
  const stepSize = learningRate / (1 - beta1 ** state.step);
  const rootCorrection = Math.sqrt(1 - beta2 ** state.step);
  const kept = 1 - learningRate * weightDecay;
  for (let at = 0; at < weights.length; at++) {
    const g = (gradient[at] ?? 0) * scale;
    const m = beta1 * (first[at] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (second[at] ?? 0) + (1 - beta2) * g * g;
    first[at] = m;
    second[at] = v;
    weights[at] = kept * (weights[at] ?? 0) - (stepSize * m) / (Math.sqrt(v) / rootCorrection + epsilon);
  }
}
