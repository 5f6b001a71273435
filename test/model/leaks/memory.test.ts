/** The short form of `npm run leaks`: what 10,000 generations would add up to shows after a few hundred, if it is more than a trace. */
import { platform } from "node:os";
import { expect, inject, test } from "vitest";
import { growthOf, PROCESSES } from "../../../bench/leaks/growth.ts";
import { measureLeaks } from "../../../bench/leaks/measure.ts";
import { resolveSae } from "../../../src/sae/resolve-sae.ts";
import { openLocalEngine } from "../support/engine.ts";

const WARM_UP = 400;
/** More than the 2 % of the long run: few samples, and no garbage collection on request here. */
const LEAST = 0.05;

test.skipIf(platform() !== "linux")("memory is flat over hundreds of generations", async () => {
  const cacheDir = inject("cacheDir");
  const engine = await openLocalEngine({ slots: 20, contextPerSlot: 256 });
  try {
    const samples = await measureLeaks({
      engine,
      sae: await resolveSae({ sae: "smollm2-135m-instruct.l15.8k", cacheDir }),
      layer: 15,
      generations: 800,
      every: 40,
      atOnce: 20,
    });
    const [engineProcess] = PROCESSES;
    if (engineProcess === undefined) throw new Error("there is no engine process");
    expect(growthOf({ samples, warmUp: WARM_UP, of: engineProcess.of }).share).toBeLessThan(LEAST);
  } finally {
    await engine.close();
  }
});
