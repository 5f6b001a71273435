/**
 * Twenty kills at random moments, spread over every command that work could be lost by. `npm run crash -- --kills 200` is the same with more; docs/crash.md
 * shows what it found.
 */
import { expect, test } from "vitest";
import { fire, shares, UNDER_FIRE } from "./fire.ts";
import { differences } from "./workload.ts";

const KILLS = 20;
const SEED = 20_261;

test.runIf(process.platform === "linux")(
  "killed at random moments, commands end with what undisturbed ones end with, and leave nothing",
  async () => {
    const { lives } = await fire({ kills: KILLS, seed: SEED, atOnce: 2 });
    expect(lives.flatMap(({ workload, problems }) => problems.map((each) => `${workload}: ${each}`))).toEqual(
      [],
    );
    const kills = lives.flatMap((life) => life.kills);
    expect(kills.length).toBeGreaterThanOrEqual(KILLS);
    expect(new Set(lives.map(({ workload }) => workload)).size).toBe(UNDER_FIRE.length);
  },
);

test("kills are given out whole, each command has one, and more where they weigh more", () => {
  for (const kills of [20, 57, 200]) {
    const found = shares({ of: UNDER_FIRE, kills });
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBe(kills);
    expect(Math.min(...found.map(({ share }) => share))).toBeGreaterThanOrEqual(1);
  }
});

test("what is lost, invented and changed is told; a part of the whole is no difference where it may be one", () => {
  const whole = new Map([
    ["a", "1"],
    ["b", "2"],
  ]);
  expect(differences({ whole, found: new Map(whole) })).toEqual([]);
  expect(differences({ whole, found: new Map([["a", "1"]]) })).toEqual(["lost: b"]);
  expect(differences({ whole, found: new Map([["a", "1"]]), partly: true })).toEqual([]);
  const wrong = new Map([...whole, ["a", "3"], ["c", "4"]]);
  expect(differences({ whole, found: wrong, partly: true })).toEqual(["changed: a", "invented: c"]);
});
