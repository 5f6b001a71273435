import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { correction, normalRecord } from "../../../test/support/finetune-records.ts";
import { isCode } from "../../errors.ts";
import { loadPrompts } from "../../latents/prompt-set.ts";
import { ACKNOWLEDGEMENTS } from "./acknowledgements.ts";
import { findContamination, likeness, refuseContamination } from "./contamination.ts";

const shipped = (name: string) =>
  loadPrompts({ path: join(import.meta.dirname, "../../../assets/prompts", name) });

test("no shipped training prompt is like one of the sets that evaluate, or like another of its own", async () => {
  const training = await shipped("training.txt");
  const evaluation = [...(await shipped("evaluation.txt")), ...(await shipped("held-out.txt"))];
  expect(training.length).toBeGreaterThanOrEqual(300);
  const pairs = training.flatMap((prompt, i) =>
    [...evaluation, ...training.slice(i + 1)].map((other) => [prompt, other] as const),
  );
  expect(pairs.filter(([prompt, other]) => likeness(prompt, other) !== null)).toEqual([]);
});

describe("likeness", () => {
  test.each([
    ["How do you tie a knot?", "how do you tie  a knot", "same"],
    ["How do you brew coffee?", "Explain how to brew a good cup of coffee.", "same task"],
    ["How do you whip fresh cream by hand?", "Explain how to whip cold cream slowly.", null],
    ["Explain how to wash a wool sweater gently.", "How do you wash a wool sweater safely?", "overlap"],
    [
      "Tell me, please, how the old town clock of Berne was built by hand.",
      "Write a poem about how the old town clock of Berne was built and lost.",
      "shared words",
    ],
    ["What is the best way to write a song?", "What is the best way to write a novel?", null],
  ])("%s / %s: %s", (a, b, way) => {
    expect(likeness(a, b)).toBe(way);
    expect(likeness(b, a)).toBe(way);
  });
});

describe("findContamination", () => {
  const clean = { evaluationPrompts: ["How do you fly a kite?"], evaluationLatents: [3, 4] };

  test("clean data pass", () => {
    expect(findContamination({ records: [correction(), normalRecord()], ...clean })).toEqual([]);
    expect(() => refuseContamination({ records: [correction()], ...clean })).not.toThrow();
  });

  const heldOut = ACKNOWLEDGEMENTS.find((each) => each.heldOut)?.text ?? "";
  test.each([
    ["prompt", [normalRecord({ prompt: "Explain how to fly a kite." })]],
    ["latent", [correction({ steering: { latent: 4, strength: 60 } })]],
    ["acknowledgement", [normalRecord({ segments: [{ text: `Well. ${heldOut} So.`, trained: true }] })]],
    ["split", [normalRecord(), correction({ split: "validation" })]],
  ])("a shared %s is found and refused", (kind, records) => {
    expect(findContamination({ records, ...clean }).map((each) => each.kind)).toEqual([kind]);
    let refusal: unknown;
    try {
      refuseContamination({ records, ...clean });
    } catch (error) {
      refusal = error;
    }
    expect(isCode(refusal, "FINETUNE_CONTAMINATED")).toBe(true);
  });
});
