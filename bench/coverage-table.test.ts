/** The claims of docs/statistics.md about coverage, held to the stored simulation. */
import { expect, test } from "vitest";
import { coverageSchema } from "./coverage-table.ts";
import { readStored } from "./result.ts";

const { rates, pairs } = coverageSchema.parse(readStored({ cell: "coverage" }));

test("the printed interval covers 93 to 97 % wherever an experiment has ten successes to expect, and never less than 92.5 %", () => {
  for (const { latents, trialsPerLatent, rate, coverage } of rates) {
    const covered = coverage["cluster-logit"];
    expect(covered).toBeGreaterThan(0.925);
    if (latents * trialsPerLatent * rate >= 10) expect(covered).toBeLessThan(0.975);
  }
});

test("Wald's interval falls below 60 % where trials of a latent hang together", () => {
  expect(Math.min(...rates.map(({ coverage }) => coverage.wald ?? 1))).toBeLessThan(0.6);
});

test("the permutation by latent holds its level everywhere, McNemar only where pairs are exchangeable", () => {
  for (const { effect, rejected } of pairs) {
    expect(rejected.permutation).toBeLessThan(0.06);
    if (effect === "none") expect(rejected.mcnemar).toBeLessThan(0.06);
  }
  expect(Math.max(...pairs.map(({ rejected }) => rejected.mcnemar ?? 0))).toBeGreaterThan(0.1);
});

test("the interval of a paired difference covers 93 to 97 %", () => {
  for (const { coverage } of pairs) {
    expect(coverage["cluster-t"]).toBeGreaterThan(0.93);
    expect(coverage["cluster-t"]).toBeLessThan(0.97);
  }
});
