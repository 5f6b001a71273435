/** What a sampler asks of a grammar, and the search for the best token that a grammar allows. */

export interface TokenGrammar {
  /** Whether the token may come next. */
  allows(token: number): boolean;
  /** The tokens, in the order given, that may come next. */
  allowed(tokens: Int32Array): Int32Array;
  /** Sets the logits of refused tokens to -Infinity. Throws REQUEST_INVALID where none is left. */
  mask(logits: Float32Array): void;
  /** Takes the token that was sampled; it must be an allowed one, and not the end. */
  accept(token: number): void;
  close(): void;
}

/** Tokens asked about together before the whole row is. */
const FIRST_LOOK = 48;

/** The allowed token with the greatest logit, the lowest index among equals. Throws REQUEST_INVALID where none is allowed. */
export function firstAllowed(logits: Float32Array, grammar: TokenGrammar): number {
  const top = topTokens(logits, FIRST_LOOK);
  const [best] = top;
  if (best !== undefined && grammar.allows(best)) {
    return best;
  }
  const [next] = grammar.allowed(top.subarray(1));
  if (next !== undefined) {
    return next;
  }
  grammar.mask(logits);
  return topTokens(logits, 1)[0] ?? 0;
}

/** The `count` tokens with the greatest logits, greatest first, the lower index first among equals. -Infinity is never among them. */
export function topTokens(logits: Float32Array, count: number): Int32Array {
  const tokens = new Int32Array(count);
  const values = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  let size = 0;
  for (let token = 0; token < logits.length; token++) {
    const value = logits[token] ?? Number.NEGATIVE_INFINITY;
    if (!(value > (values[count - 1] ?? 0))) {
      continue;
    }
    let at = Math.min(size, count - 1);
    while (at > 0 && value > (values[at - 1] ?? 0)) {
      values[at] = values[at - 1] ?? 0;
      tokens[at] = tokens[at - 1] ?? 0;
      at--;
    }
    values[at] = value;
    tokens[at] = token;
    size = Math.min(size + 1, count);
  }
  return tokens.subarray(0, size);
}
