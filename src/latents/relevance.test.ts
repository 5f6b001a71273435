import fc from "fast-check";
import { expect, test } from "vitest";
import { silentOnPrompts } from "./relevance.ts";

test("a latent is silent iff every prompt's maximum is exactly 0", () => {
  const value = fc.constantFrom(0, 0, 0, 0, 1e-38, 3, Number.NaN);
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: 1 }), (prompts) => {
      const silent = silentOnPrompts({ values: Float32Array.from(prompts.flat()), latents: 5 });
      const expected = [0, 1, 2, 3, 4].map((latent) => prompts.every((prompt) => prompt[latent] === 0));
      expect(silent).toEqual(expected);
    }),
  );
});

test("one more prompt never makes a latent silent", () => {
  const value = fc.constantFrom(0, 0, 2);
  const row = fc.array(value, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(row, row, (first, second) => {
      const before = silentOnPrompts({ values: Float32Array.from(first), latents: 4 });
      const after = silentOnPrompts({ values: Float32Array.from([...first, ...second]), latents: 4 });
      expect(after.every((silent, i) => !silent || before[i] === true)).toBe(true);
    }),
  );
});

test("no prompt at all proves nothing, and part of a prompt is refused", () => {
  expect(() => silentOnPrompts({ values: new Float32Array(0), latents: 4 })).toThrow(RangeError);
  expect(() => silentOnPrompts({ values: new Float32Array(6), latents: 4 })).toThrow(RangeError);
});
