import { expect, test } from "vitest";
import { writeAblationFiles } from "../../../test/support/ablation-files.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { ablation } from "./ablation.ts";

/** Detector 4 has no control in the second set. */
const DETECTORS = [3, 4, 1, 2];
const SETS = [
  { 3: 30, 4: 40, 1: 10, 2: 20 },
  { 3: 31, 1: 11, 2: 21 },
];

async function declare(settings: Record<string, unknown>) {
  await using folder = await temporaryFolder();
  const files = await writeAblationFiles({ folder: folder.path, detectors: DETECTORS, sets: SETS });
  return await ablation.declare({ ...files, ...settings });
}

const ablated = (arms: Awaited<ReturnType<typeof declare>>["arms"]) =>
  arms.map(({ name, ablation: part }) => [name, part?.latents ?? null]);

test("with controls, only detectors that every set matches are ablated, and all arms clamp equally many", async () => {
  const { arms, comparisons } = await declare({});
  expect(ablated(arms)).toEqual([
    ["steered", null],
    ["ablated", [3, 1, 2]],
    ["random-1", [30, 10, 20]],
    ["random-2", [31, 11, 21]],
  ]);
  expect(comparisons).toContainEqual({
    reference: "random-2",
    treatment: "ablated",
    outcome: "multi-attempt",
  });
});

test("the first detectors have controls of their own where that is asked for", async () => {
  const settings = { first: [2], sets: 1 };
  expect(ablated((await declare(settings)).arms).at(-1)).toEqual(["random-1", [30, 10, 20]]);
  const { arms, comparisons, curves } = await declare({ ...settings, randomFirst: true });
  expect(ablated(arms)).toEqual([
    ["steered", null],
    ["ablated", [3, 1, 2]],
    ["ablated-first-2", [3, 1]],
    ["random-1", [30, 10, 20]],
    ["random-1-first-2", [30, 10]],
  ]);
  expect(comparisons).toContainEqual({
    reference: "random-1-first-2",
    treatment: "ablated-first-2",
    outcome: "multi-attempt",
  });
  expect(curves.map(({ axis, points }) => [axis, points.map(({ x, arm }) => [x, arm])])).toEqual([
    [
      "latents ablated",
      [
        [0, "steered"],
        [2, "ablated-first-2"],
        [3, "ablated"],
      ],
    ],
    [
      "latents ablated, random set 1",
      [
        [0, "steered"],
        [2, "random-1-first-2"],
        [3, "random-1"],
      ],
    ],
  ]);
});

test("detectors without a control in every set leave nothing to ablate", async () => {
  await using folder = await temporaryFolder();
  const files = await writeAblationFiles({ folder: folder.path, detectors: [3], sets: [{ 3: 30 }, {}] });
  await expect(ablation.declare(files)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
