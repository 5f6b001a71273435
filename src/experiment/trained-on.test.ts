import { describe, expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { latentsTrainedOn, refuseTrained, type TrainedOn } from "./trained-on.ts";

const DATA: TrainedOn = {
  data: "data.jsonl",
  prompts: ["How do I paint a fence?"],
  saeHash: "sae-hash",
  latents: [3, 4],
  heldOut: [7, 8],
};
const clean = { trainedOn: [DATA], prompts: ["How do I boil an egg?"], indices: null, saeHash: "sae-hash" };

describe("a run whose adapters were trained", () => {
  test("on other prompts and latents is not refused", () => {
    expect(() => refuseTrained(clean)).not.toThrow();
    expect(() => refuseTrained({ ...clean, indices: [7, 5] })).not.toThrow();
  });

  test.each([
    ["the very prompt", "How do I paint a fence?"],
    ["the same task", "Explain how to paint a fence."],
  ])("on %s is refused", (_, prompt) => {
    const prompts = [...clean.prompts, prompt];
    expect(() => refuseTrained({ ...clean, prompts })).toThrow(
      expect.objectContaining({ code: "FINETUNE_CONTAMINATED", message: expect.stringContaining(prompt) }),
    );
  });

  test("on a latent that the settings name is refused", () => {
    expect(() => refuseTrained({ ...clean, indices: [7, 4] })).toThrow(
      expect.objectContaining({ code: "FINETUNE_CONTAMINATED", facts: { data: "data.jsonl", latents: [4] } }),
    );
  });

  test("on latents of another SAE is refused: their numbers mean something else", () => {
    expect(() => refuseTrained({ ...clean, saeHash: "other" })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    // a writer's data steered nothing
    const written = { ...DATA, saeHash: null, latents: [], heldOut: [] };
    expect(() => refuseTrained({ ...clean, trainedOn: [written], saeHash: "other" })).not.toThrow();
  });
});

test("only latents that the data leave for evaluation may be chosen", () => {
  const latents = [1, 3, 4, 7, 8, 9];
  const left = new Set(latentsTrainedOn({ trainedOn: [DATA], latents }));
  expect(latents.filter((latent) => !left.has(latent))).toEqual([7, 8]);
  const written = { ...DATA, saeHash: null, latents: [], heldOut: [] };
  expect(latentsTrainedOn({ trainedOn: [written], latents })).toEqual([]);
});

test("a latent can't be both named and left out", () => {
  const of = (latents: unknown) => parseConfig({ settings: { latents }, source: "test" });
  expect(of({ exclude: [5], indices: [6] }).latents).toMatchObject({ exclude: [5], indices: [6] });
  expect(() => of({ exclude: [5], indices: [5, 6] })).toThrow(/latents.exclude/);
});
