/** What the published runs must show, checked on the stored results. */
import { describe, expect, test } from "vitest";
import { summarySchema } from "../test/fuzz/summary.ts";
import { demoResultSchema, heldOutFirstScore } from "./demo-table.ts";
import { judgeResultSchema } from "./judge-table.ts";
import { growthOf, leakResultSchema, PROCESSES } from "./leaks/growth.ts";
import { readStored } from "./result.ts";

describe("the published demo", () => {
  const result = demoResultSchema.parse(readStored({ cell: "demo" }));

  test("calibration lands: fresh samples on held-out prompts score the target within 10", () => {
    const { mean, n } = heldOutFirstScore(result);
    expect(n).toBeGreaterThanOrEqual(60);
    expect(Math.abs(mean - result.summary.manifest.target)).toBeLessThanOrEqual(10);
  });

  test("both arms have at least 12 latents with 4 trials, and steering lowers the first attempt", () => {
    const arms = new Map(result.summary.arms.map((arm) => [arm.arm, arm]));
    for (const arm of arms.values()) {
      expect(arm.clusters).toBeGreaterThanOrEqual(12);
      expect(arm.counts.generated).toBeGreaterThanOrEqual(48);
    }
    const unsteered = arms.get("unsteered")?.firstScore.lower ?? 0;
    expect(arms.get("steered")?.firstScore.upper ?? 100).toBeLessThan(unsteered);
  });
});

test.each(PROCESSES)(
  "the published memory of the $name is flat within 2 % over 10,000 generations",
  ({ of }) => {
    const { samples, warmUp } = leakResultSchema.parse(readStored({ cell: "leaks" }));
    expect(samples.at(-1)?.generations).toBeGreaterThanOrEqual(10_000);
    const { share, rise } = growthOf({ samples, warmUp, of });
    expect(share).toBeLessThan(0.02);
    expect(rise).toBeLessThan(0.02);
  },
);

test("at least 10,000 damaged inputs were tried, and each was refused with a code or right", () => {
  const { kinds } = summarySchema.parse(readStored({ cell: "fuzz" }));
  expect(kinds.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThanOrEqual(10_000);
  for (const { kind, failures } of kinds) expect(failures, kind).toBe(0);
});

describe("the published judge validation", () => {
  const result = judgeResultSchema.parse(readStored({ cell: "judge-validation" }));

  test("unsteered answers, at least 100, are told from as many deranged ones with an AUC of at least 0.99", () => {
    expect(result.answers).toBeGreaterThanOrEqual(100);
    expect(result.scoreAuc).toBeGreaterThanOrEqual(0.99);
  });

  test("no more than one in a hundred answers without a recovery is said to have one, and most built ones are found", () => {
    const { recovery } = result;
    for (const { answers, alarms } of [recovery?.unsteered, recovery?.deranged].flatMap(
      (each) => each ?? [],
    )) {
      expect(answers).toBeGreaterThanOrEqual(100);
      expect(alarms / answers).toBeLessThanOrEqual(0.01);
    }
    for (const { answers, found } of recovery?.spliced ?? []) expect(found / answers).toBeGreaterThan(0.6);
    expect(recovery?.spliced.length).toBeGreaterThan(0);
  });

  test("a higher score means a higher share of true answers, from the lowest decile to the highest", () => {
    const shares = result.deciles.flatMap(({ onTopic, count }) =>
      onTopic === null || count < 10 ? [] : [onTopic],
    );
    expect(shares.at(0)).toBeLessThan(0.1);
    expect(shares.at(-1)).toBeGreaterThan(0.95);
  });
});
