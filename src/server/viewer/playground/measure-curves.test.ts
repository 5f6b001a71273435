import { expect, test } from "vitest";
import { detectorsRecorded } from "./measure-curves.ts";

// two prompt rows and two fed tokens of three columns; the third token was sampled last and never fed
const recorded = Float32Array.from([9, 9, 9, 9, 9, 9, 1, 2, 4, 8, 16, 32]);
const generation = { recorded, promptTokens: 2, tokens: Int32Array.of(5, 6, 7) };

test("detectors are summed by their latents and not by their place, without the prompt's rows", () => {
  expect(detectorsRecorded({ generation, latents: [30, 10, 20], detectors: [10, 30] })).toEqual([
    3,
    24,
    null,
  ]);
});

test("without detectors, or without a recording, there is no curve", () => {
  expect(detectorsRecorded({ generation, latents: [30, 10, 20], detectors: [] })).toBeNull();
  expect(
    detectorsRecorded({ generation: { ...generation, recorded: null }, latents: [], detectors: [1] }),
  ).toBeNull();
});
