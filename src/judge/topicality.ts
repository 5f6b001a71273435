/**
 * How far a response is on topic, token by token: what its own prompt tells the unsteered model about a token, and other prompts don't
 * (DESIGN.md 7). In nats; 0 where the prompt makes no difference.
 *
 * The other prompts are combined as the log of their mean probability, not as the mean of their log-probabilities. Then the curve
 * estimates the pointwise mutual information between prompt and token, log p(y|x) - log E p(y|x'), and approaches one quantity as prompts are
 * added. The mean of logs goes to another, which one prompt that makes a token absurd (-20 nats) moves without bound. On SmolLM2-135M
 * (38 answers and as many deranged) the log of the mean separates better at every span length and number of contrasts that was tried.
 */

export interface TopicalityOptions {
  /** Log-probabilities given the response's own prompt, `[tokens]`. */
  own: Float32Array;
  /** The same given each contrast prompt, `[contrasts][tokens]`; at least one. */
  contrasts: readonly Float32Array[];
}

/** The curve of being on topic, `[tokens]`. Throws RangeError for rows of unequal length or without contrasts. */
export function topicalityCurve({ own, contrasts }: TopicalityOptions): Float32Array {
  if (contrasts.length === 0 || contrasts.some(({ length }) => length !== own.length)) {
    throw new RangeError(
      `topicality needs contrasts of ${own.length} tokens, got [${contrasts.map(({ length }) => length)}]`,
    );
  }
  return own.map((value, t) => value - logMeanExp(contrasts.map((row) => row[t] ?? Number.NaN)));
}

/** Log of the mean of exponentials, without overflow. -Infinity counts as probability 0. */
export function logMeanExp(values: readonly number[]): number {
  const most = Math.max(...values);
  if (!Number.isFinite(most)) return most;
  const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
  return most + Math.log(sum / values.length);
}

export interface SpanMeanOptions {
  values: ArrayLike<number>;
  /** Half-open, in tokens. @default all */
  span?: { from: number; to: number };
}

/** Mean over a span; NaN for an empty one. */
export function spanMean({ values, span = { from: 0, to: values.length } }: SpanMeanOptions): number {
  let sum = 0;
  for (let t = span.from; t < span.to; t++) sum += values[t] ?? Number.NaN;
  return sum / (span.to - span.from);
}
