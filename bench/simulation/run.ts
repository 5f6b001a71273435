/** `npm run coverage`: simulates experiments and stores how often intervals and tests are right, in bench/results/coverage.json. */
import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { pairCell } from "./pairs.ts";
import { rateCell } from "./rates.ts";

const RATES = [0.01, 0.02, 0.05, 0.1];
const CORRELATIONS = [0, 0.1, 0.3];
const SIZES = [
  { latents: 100, trialsPerLatent: 5 },
  { latents: 300, trialsPerLatent: 5 },
  { latents: 100, trialsPerLatent: 20 },
];
const SIMULATIONS = 4000;

const began = Date.now();
const cells = <T>(
  make: (cell: { rate: number; icc: number; latents: number; trialsPerLatent: number }) => T,
) =>
  SIZES.flatMap((size) => CORRELATIONS.flatMap((icc) => RATES.map((rate) => make({ ...size, rate, icc }))));

const rates = cells((cell) => {
  const done = rateCell({ ...cell, simulations: SIMULATIONS });
  console.log(((Date.now() - began) / 1000).toFixed(0), "s", JSON.stringify(done));
  return done;
});
const PAIR_SIZE = { latents: 100, trialsPerLatent: 5, simulations: SIMULATIONS / 2 };
const pairs = [0.02, 0.05, 0.1].flatMap((rate) =>
  CORRELATIONS.flatMap((icc) => {
    // without a correlation latents do not differ, so neither can their effects
    const effects = icc === 0 ? (["none"] as const) : (["none", "by-latent"] as const);
    return effects.map((effect) => {
      const done = pairCell({ ...PAIR_SIZE, rate, icc, effect });
      console.log(((Date.now() - began) / 1000).toFixed(0), "s", JSON.stringify(done));
      return done;
    });
  }),
);
const file = fileURLToPath(new URL("../results/coverage.json", import.meta.url));
await writeFile(`${file}.tmp`, `${JSON.stringify({ level: 0.95, rates, pairs }, null, 2)}\n`);
await rename(`${file}.tmp`, file);
