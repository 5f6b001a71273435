import path from "node:path";
import { describe, expect, test } from "vitest";
import { type MadeAnswer, makeRestartsRun, PLACES, RECORDING } from "../../../test/support/restarts-run.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { holm } from "../../stats/holm.ts";
import type { DeclaredActivations } from "../../store/analysis.ts";
import { activationReports } from "./activation-report.ts";
import { activationText } from "./activation-text.ts";

const DETECTORS = [1, 2, 3];
const declared: DeclaredActivations = {
  recording: RECORDING,
  groups: [
    { name: "detectors", latents: DETECTORS, first: "off-topic", second: "on-topic", alternative: "greater" },
    { name: "backtracking", latents: [4], first: "correction", second: "off-topic", alternative: "greater" },
  ],
  episodes: { arm: "steered", improved: true, restarts: "one" },
  noRestart: { arm: "steered", by: "position" },
  baseline: { arm: "unsteered", leastScore: 50 },
  window: [-8, 9],
};

/** Detectors hold 2 + their number off topic and 1 on topic, backtracking 6 in the phrase, what is steered 50. */
function value({ token, latent }: { token: number; latent: number }): number {
  const within = ({ start, end }: { start: number; end: number }) => token >= start && token < end;
  if (latent === 4) return within(PLACES.correction) ? 6 : 0;
  if (latent > 4) return 50;
  return within(PLACES["off-topic"]) ? 2 + latent : 1;
}

function episode(i: number, changes: Partial<MadeAnswer> = {}): MadeAnswer {
  const latent = changes.latent ?? 10 + (i % 5);
  return {
    key: `episode-${i}`,
    unit: `unit-${i}`,
    arm: "steered",
    latent,
    restarts: true,
    scores: [10, 60],
    columns: [...new Set([...DETECTORS, 4, latent])],
    value: (at) => value(at) + (at.latent <= 3 && at.token < 5 ? i / 100 : 0),
    ...changes,
  };
}

const EPISODES = Array.from({ length: 10 }, (_, i) => episode(i));
const silent = (key: string, changes: Partial<MadeAnswer> = {}) =>
  episode(20, { key, unit: key, restarts: false, scores: [10], value: () => 0.5, ...changes });
const unsteered = (i: number, changes: Partial<MadeAnswer> = {}) =>
  silent(`plain-${i}`, { arm: "unsteered", unit: `unit-${i}`, scores: [90], value: () => 0.25, ...changes });

async function reportOf(answers: readonly MadeAnswer[], changes: Partial<DeclaredActivations> = {}) {
  await using folder = await temporaryFolder();
  using store = makeRestartsRun({
    dir: path.join(folder.path, "run"),
    answers,
    activations: { ...declared, ...changes },
  });
  const [report] = activationReports({ store });
  if (report === undefined) throw new Error("no report");
  return report;
}

describe("a report of activations", () => {
  test("has the mean of each region, tests the declared contrast, and corrects the latents of a group", async () => {
    const { episodes, groups, steered } = await reportOf(EPISODES);
    expect(episodes).toHaveLength(10);
    expect(episodes[0]?.regions).toEqual(PLACES);
    const [detectors, backtracking] = groups;
    const estimates = (means: (typeof groups)[0]["means"] | undefined) =>
      Object.values(means ?? {}).map(({ estimate }) => Number(estimate?.toFixed(3)));
    // 2 + 2 on average, and the mean of i / 100
    expect(estimates(detectors?.means)).toEqual([4.045, 1, 1]);
    expect(estimates(backtracking?.means)).toEqual([0, 6, 0]);
    expect(estimates(steered)).toEqual([50, 50, 50]);
    // five latents, all on the declared side
    expect(detectors?.test).toMatchObject({ pairs: 10, clusters: 5, p: 1 / 32, rankBiserial: 1 });
    const p = detectors?.latents.map((row) => row.p ?? 1) ?? [];
    expect(detectors?.latents.map(({ pHolm }) => pHolm)).toEqual(holm({ p }));
    expect(backtracking?.test).toMatchObject({ pairs: 10, p: 1 / 32 });
  });

  test("takes an episode without a region for a missing pair, not for a 0", async () => {
    const none = episode(3, { key: "none", unit: "none", recorded: 0 });
    const half = episode(3, { key: "half", unit: "half", recorded: PLACES.correction.end });
    const { leftOut, groups, episodes } = await reportOf([...EPISODES, none, half]);
    expect(leftOut).toEqual([{ reason: "not recorded", trials: 1 }]);
    expect(episodes).toHaveLength(11);
    const [detectors] = groups;
    expect(detectors?.test.pairs).toBe(10);
    expect([detectors?.means["off-topic"].n, detectors?.means["on-topic"].n]).toEqual([11, 10]);
    expect(detectors?.means["on-topic"].estimate).toBe(1);
  });

  test("does not count a detector in the episodes in which it is itself steered", async () => {
    const own = episode(0, {
      key: "own",
      unit: "own",
      latent: 3,
      value: (at) => (at.latent === 3 ? 500 : value(at)),
    });
    const { groups } = await reportOf([...EPISODES, own]);
    const [detectors] = groups;
    expect(detectors?.latents.map(({ pairs }) => pairs)).toEqual([11, 11, 10]);
    expect(detectors?.test.pairs).toBe(11);
    expect(detectors?.means["off-topic"].estimate).toBeLessThan(5);
  });

  test("takes only trials of the declared arm and shape, and counts the others by the reason", async () => {
    const { trials, episodes, leftOut } = await reportOf([
      ...EPISODES,
      episode(30, { arm: "ablated" }),
      episode(31, { scores: [60, 10] }),
      silent("quiet"),
    ]);
    expect(trials).toBe(12);
    expect(episodes).toHaveLength(10);
    expect(leftOut).toEqual([
      { reason: "no restart", trials: 1 },
      { reason: "not improved", trials: 1 },
    ]);
  });

  test("lays episodes over each other at the phrase's first token, and a token that was never fed is missing", async () => {
    const { aligned } = await reportOf(EPISODES);
    expect(aligned.map(({ group }) => group)).toEqual(["detectors", "backtracking", "steered latent"]);
    const at = (group: number, offset: number) =>
      aligned[group]?.points.find((point) => point.offset === offset);
    expect(at(1, -1)?.estimate).toBe(0);
    expect([0, 1, 2].map((offset) => at(1, offset)?.estimate)).toEqual([6, 6, 6]);
    expect(at(1, 3)?.estimate).toBe(0);
    expect(at(0, -5)).toMatchObject({ n: 10, clusters: 5 });
    // before the answer, and its last token
    for (const offset of [-6, -8, 7, 8])
      expect(at(0, offset)).toMatchObject({ n: 0, estimate: null, lower: null });
    expect(at(0, 6)).toMatchObject({ n: 10, estimate: 1 });
  });

  test("compares with answers that stay off topic without a restart, at the same tokens", async () => {
    const controls = Array.from({ length: 6 }, (_, i) =>
      // only the first five tokens lie where episodes are off topic
      silent(`quiet-${i}`, { latent: 10 + (i % 3), value: ({ token }) => (token < 5 ? 2 : 80) }),
    );
    const good = silent("good", { scores: [70], value: () => 900 });
    const { groups } = await reportOf([...EPISODES, ...controls, good]);
    const compared = groups[0]?.noRestart;
    expect(compared).toMatchObject({ by: "position", answers: 6, mean: { estimate: 2 } });
    expect(compared?.difference?.estimate).toBeCloseTo(2.045, 3);
    expect(compared?.difference?.lower).toBeGreaterThan(0);
  });

  test("compares with the same unit's answer without a restart, token by token, where that is declared", async () => {
    const controls = EPISODES.map((each) =>
      silent(`control ${each.key}`, {
        arm: "plain",
        unit: each.unit ?? "",
        latent: each.latent,
        value: () => 1,
      }),
    );
    const { groups } = await reportOf([...EPISODES, ...controls], {
      noRestart: { arm: "plain", by: "unit" },
    });
    const paired = groups[0]?.noRestart?.paired;
    expect(paired?.["off-topic"]).toMatchObject({ pairs: 10, p: 1 / 32 });
    expect(paired?.["on-topic"].difference.estimate).toBe(0);
  });

  test("compares with answers on topic without steering, unit by unit", async () => {
    const plain = Array.from({ length: 10 }, (_, i) => unsteered(i));
    const bad = unsteered(11, { key: "bad", unit: "bad", scores: [20], value: () => 70 });
    const { groups } = await reportOf([...EPISODES, ...plain, bad]);
    expect(groups[0]?.baseline).toMatchObject({
      answers: 10,
      mean: { estimate: 0.25 },
      paired: { pairs: 10 },
    });
    expect(groups[0]?.baseline?.paired.difference.estimate).toBeCloseTo(3.795, 3);
  });

  test("without an episode says so and has no number", async () => {
    const report = await reportOf([silent("quiet")]);
    expect(report.groups[0]?.test).toMatchObject({ pairs: 0, p: null });
    expect(report.groups[0]?.latents.map(({ pHolm }) => pHolm)).toEqual([null, null, null]);
    expect(activationText({ report, color: false })).toContain("0 episodes");
  });

  test("as text names the groups, their contrasts and how many episodes there are", async () => {
    const report = await reportOf([...EPISODES, silent("quiet"), unsteered(1)]);
    const text = activationText({ report, color: false, width: 200 });
    for (const part of [
      "10 episodes",
      "detectors (3)",
      "off-topic - on-topic",
      "correction - off-topic",
      "no restart 1",
    ]) {
      expect(text).toContain(part);
    }
  });
});
