import fc from "fast-check";
import { expect, test } from "vitest";
import { rowDivergence } from "./row-divergence.ts";

const logits = fc.float32Array({ minLength: 6, maxLength: 6, min: -30, max: 30, noNaN: true });

/** The definition, on probabilities. */
function direct(p: Float32Array, q: Float32Array): number {
  const softmax = (row: Float32Array) => {
    const max = Math.max(...row);
    const weights = Array.from(row, (value) => Math.exp(value - max));
    const sum = weights.reduce((total, value) => total + value, 0);
    return weights.map((value) => value / sum);
  };
  const [a, b] = [softmax(p), softmax(q)];
  return a.reduce((sum, value, i) => sum + (value === 0 ? 0 : value * Math.log(value / (b[i] ?? 0))), 0);
}

test("is the definition in both directions, and turns with its arguments", () => {
  fc.assert(
    fc.property(logits, logits, (steered, unsteered) => {
      const found = rowDivergence({ steered, unsteered });
      expect(found.kl).toBeCloseTo(direct(steered, unsteered), 9);
      expect(found.reverse).toBeCloseTo(direct(unsteered, steered), 9);
      const turned = rowDivergence({ steered: unsteered, unsteered: steered });
      expect(turned.kl).toBeCloseTo(found.reverse, 12);
    }),
  );
});

test("is exactly 0 for equal rows, never below 0, and blind to what is added to every logit", () => {
  fc.assert(
    fc.property(logits, logits, fc.integer({ min: -8, max: 8 }), (steered, unsteered, shift) => {
      expect(rowDivergence({ steered, unsteered: steered })).toEqual({ kl: 0, reverse: 0 });
      const found = rowDivergence({ steered, unsteered });
      expect(found.kl).toBeGreaterThanOrEqual(0);
      expect(found.reverse).toBeGreaterThanOrEqual(0);
      const shifted = rowDivergence({ steered: steered.map((value) => value + shift), unsteered });
      // float32 rounds the shifted logits
      expect(shifted.kl).toBeCloseTo(found.kl, 3);
    }),
  );
});

test("a token that both rule out counts for nothing, one that only the reference rules out for everything", () => {
  const out = Number.NEGATIVE_INFINITY;
  const both = rowDivergence({
    steered: Float32Array.of(0, Math.log(3), out),
    unsteered: Float32Array.of(0, 0, out),
  });
  expect(both.kl).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 6);
  const one = rowDivergence({ steered: Float32Array.of(0, 0), unsteered: Float32Array.of(0, out) });
  expect(one.kl).toBe(Number.POSITIVE_INFINITY);
  expect(one.reverse).toBeCloseTo(Math.log(2), 6);
});
