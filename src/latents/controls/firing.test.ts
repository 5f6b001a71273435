import { expect, test } from "vitest";
import { addRows, firingOf } from "./firing.ts";

test("frequency is over all rows, the mean over those on which the latent fires", () => {
  const firing = { rows: 0, active: new Float64Array(3), sums: new Float64Array(3) };
  addRows({ firing, values: Float32Array.from([0, 2, 0, 0, 4, 1]) });
  addRows({ firing, values: Float32Array.from([0, 0, 0, 0, 0, 3]) });
  expect(firing.rows).toBe(4);
  expect([0, 1, 2].map((latent) => firingOf({ firing, latent }))).toEqual([
    { frequency: 0, meanActive: 0 },
    { frequency: 0.5, meanActive: 3 },
    { frequency: 0.5, meanActive: 2 },
  ]);
});
