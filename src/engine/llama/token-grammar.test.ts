import fc from "fast-check";
import { expect, test } from "vitest";
import { GREEDY, type Sampling } from "../engine.ts";
import { Sampler } from "./sampler.ts";
import { firstAllowed, type TokenGrammar, topTokens } from "./token-grammar.ts";

/** The simplest grammar: the same tokens are allowed at every place. */
class AllowList implements TokenGrammar {
  readonly #tokens: Set<number>;

  constructor(tokens: number[]) {
    this.#tokens = new Set(tokens);
  }

  allows(token: number): boolean {
    return this.#tokens.has(token);
  }

  allowed(tokens: Int32Array): Int32Array {
    return tokens.filter((token) => this.allows(token));
  }

  mask(logits: Float32Array): void {
    logits.forEach((_, token) => {
      if (!this.allows(token)) logits[token] = Number.NEGATIVE_INFINITY;
    });
  }

  accept(): void {}
  close(): void {}
}

const LOGITS = [2, 1.5, 1, 0.5, 0, -0.5, -4, 2.2, 1.9];
const ALLOWED = [1, 3, 4, 6, 8];

test.each<[string, Partial<Sampling>]>([
  ["plain temperature", {}],
  ["top-k", { topK: 2 }],
  ["min-p", { minP: 0.3 }],
  ["top-p", { topP: 0.6 }],
])("%s draws within a grammar follow the distribution of the masked logits", (_, change) => {
  const sampling = { ...GREEDY, temperature: 0.8, seed: 5, ...change };
  const n = 40_000;
  const sampler = new Sampler({ vocabulary: LOGITS.length });
  const frequencies = (row: () => Float32Array, grammar: TokenGrammar | null, from: number) => {
    const counts = new Array<number>(LOGITS.length).fill(0);
    for (let index = from; index < from + n; index++) {
      const token = sampler.sample({ logits: row(), sampling, seen: [], index, grammar });
      counts[token] = (counts[token] ?? 0) + 1;
    }
    return counts.map((count) => count / n);
  };
  const masked = LOGITS.map((value, token) => (ALLOWED.includes(token) ? value : Number.NEGATIVE_INFINITY));
  const found = frequencies(() => Float32Array.from(LOGITS), new AllowList(ALLOWED), 0);
  // the sampler without a grammar is held to the exact distribution by its own tests
  const wanted = frequencies(() => Float32Array.from(masked), null, n);
  found.forEach((share, token) => {
    const p = wanted[token] ?? 0;
    // 4.5 standard errors of a difference of two proportions over 40,000 draws each
    expect(Math.abs(share - p)).toBeLessThanOrEqual(4.5 * Math.sqrt((2 * p * (1 - p)) / n));
  });
});

const row = fc.array(fc.constantFrom(-1, 0, 0.5, 1, 2, 7, Number.NaN, Number.NEGATIVE_INFINITY), {
  minLength: 1,
  maxLength: 150,
});

test("greedy within a grammar is the argmax of the masked row", () => {
  fc.assert(
    fc.property(row, fc.func(fc.boolean()), (values, isAllowed) => {
      const numbers = values.map((value) => (Number.isNaN(value) ? 0 : value));
      const allowed = numbers.flatMap((value, token) =>
        value > Number.NEGATIVE_INFINITY && isAllowed(token) ? [token] : [],
      );
      fc.pre(allowed.length > 0);
      const best = allowed.reduce((a, b) => ((numbers[b] ?? 0) > (numbers[a] ?? 0) ? b : a));
      expect(firstAllowed(Float32Array.from(numbers), new AllowList(allowed))).toBe(best);
    }),
  );
});

test("top tokens are those of a stable descending sort without what is no number", () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 1, max: 60 }), (values, count) => {
      const order = [...values.keys()]
        .filter((token) => (values[token] ?? Number.NaN) > Number.NEGATIVE_INFINITY)
        .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
      expect([...topTokens(Float32Array.from(values), count)]).toEqual(order.slice(0, count));
    }),
  );
});
