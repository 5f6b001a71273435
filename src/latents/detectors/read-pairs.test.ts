import fc from "fast-check";
import { expect, test } from "vitest";
import { pool } from "./read-pairs.ts";

const LATENTS = 3;
const row = fc.array(fc.float({ min: 0, max: 100, noNaN: true }), { minLength: LATENTS, maxLength: LATENTS });

test("pooling takes each latent's mean or maximum over the tokens", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      const values = Float32Array.from(rows.flat());
      for (let latent = 0; latent < LATENTS; latent++) {
        const column = rows.map((each) => each[latent] ?? 0);
        const mean = column.reduce((sum, value) => sum + value, 0) / rows.length;
        expect(pool({ values, latents: LATENTS, pooling: "mean" })[latent]).toBeCloseTo(mean, 4);
        expect(pool({ values, latents: LATENTS, pooling: "max" })[latent]).toBe(Math.max(...column));
      }
    }),
  );
});
