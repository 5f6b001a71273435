import { describe, expect, test } from "vitest";
import { chooseExamples } from "./choose-examples.ts";
import { parseRecipe } from "./recipe.ts";
import { planSteering } from "./steer-plan.ts";
import type { TrainingExample } from "./training-example.ts";

function example(id: string, part: Partial<TrainingExample> = {}): TrainingExample {
  const tokens = new Int32Array(9);
  return { id, kind: "normal", split: "train", steering: null, tokens, trained: new Uint8Array(9), ...part };
}

const EXAMPLES = [
  ...Array.from({ length: 6 }, (_, i) => example(`n${i}`)),
  ...Array.from({ length: 6 }, (_, i) =>
    example(`c${i}`, { kind: "self-correction", steering: i === 0 ? null : { latent: i, strength: 10 * i } }),
  ),
  example("vn", { split: "validation" }),
  example("vc", { split: "validation", kind: "self-correction" }),
];

function recipeOf({ train = {}, steer = {} } = {}) {
  return parseRecipe({ settings: { data: "d", train, steer }, source: "test" });
}

function idsOf(options: Parameters<typeof recipeOf>[0], examples = EXAMPLES) {
  const { train, validation } = chooseExamples({ examples, recipe: recipeOf(options), contextLength: 100 });
  return { train: train.map(({ id }) => id).sort(), validation: validation.map(({ id }) => id).sort() };
}

describe("the choice of examples", () => {
  test("is everything by default, split by split", () => {
    const { train, validation } = idsOf({});
    expect(train).toHaveLength(12);
    expect(validation).toEqual(["vc", "vn"]);
  });

  test("is by ratio where one is given", () => {
    const { train } = idsOf({ train: { ratio: 75 } });
    expect(train.filter((id) => id.startsWith("c"))).toHaveLength(4);
    expect(train.filter((id) => id.startsWith("n"))).toHaveLength(1);
  });

  test("is normal answers only where the training steers only", () => {
    const { train, validation } = idsOf({ steer: { mode: "steer" } });
    expect(train.every((id) => id.startsWith("n"))).toBe(true);
    expect(validation).toEqual(["vn"]);
  });

  test("leaves out long examples on request only, and names them", () => {
    const examples = [...EXAMPLES, example("long", { tokens: new Int32Array(42) })];
    const recipe = recipeOf({ train: { skipLong: true } });
    const chosen = chooseExamples({ examples, recipe, contextLength: 41 });
    expect(chosen.skipped).toEqual(["long"]);
    expect(chosen.train.map(({ id }) => id)).not.toContain("long");
    for (const [contextLength, maxRows] of [
      [41, 512],
      [100, 40],
    ] as const) {
      const strict = recipeOf({ train: { maxRows } });
      expect(() => chooseExamples({ examples, recipe: strict, contextLength })).toThrow(
        expect.objectContaining({
          code: "CONTEXT_OVERFLOW",
          facts: expect.objectContaining({ example: "long" }),
        }),
      );
    }
  });

  test.each([
    ["no training example", EXAMPLES.filter(({ split }) => split === "validation"), {}],
    [
      "no normal answer for a training that steers only",
      [example("c", { kind: "self-correction" })],
      { steer: { mode: "steer" } },
    ],
    ["a ratio that leaves none", [example("n")], { train: { ratio: 100 } }],
  ])("refuses %s", (_, examples, options) => {
    expect(() => idsOf(options, examples)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("the steering plan", () => {
  const both = recipeOf({ steer: { mode: "both" } });

  test("steers nothing in a training on data only", () => {
    expect(planSteering({ recipe: recipeOf({}), examples: EXAMPLES })).toBeNull();
  });

  test("takes latents and strengths from the data where the recipe names none", () => {
    expect(planSteering({ recipe: both, examples: EXAMPLES })).toMatchObject({
      latents: [1, 2, 3, 4, 5],
      strength: [10, 50],
    });
  });

  test("gives a self-correction the steering that made it, and a share of the normal answers one of the plan's", () => {
    const recipe = recipeOf({ steer: { mode: "both", latents: [7, 8], strength: [2, 3], share: 0.25 } });
    const plan = planSteering({ recipe, examples: EXAMPLES });
    const [normal, plain, made] = [example("n"), EXAMPLES[6], EXAMPLES[8]].filter(
      (each) => each !== undefined,
    );
    if (plan === null || made === undefined || plain === undefined || normal === undefined)
      throw new Error("no plan");
    expect(plan.steeringOf({ example: made, index: 0, epoch: 3 })).toEqual({ latent: 2, strength: 20 });
    expect(plan.steeringOf({ example: plain, index: 0, epoch: 3 })).toBeNull();
    const drawn = Array.from({ length: 2000 }, (_, index) =>
      plan.steeringOf({ example: normal, index, epoch: 1 }),
    );
    const steered = drawn.filter((each) => each !== null);
    expect(steered.length / drawn.length).toBeGreaterThan(0.2);
    expect(steered.length / drawn.length).toBeLessThan(0.3);
    expect(new Set(steered.map(({ latent }) => latent))).toEqual(new Set([7, 8]));
    expect(steered.every(({ strength }) => strength >= 2 && strength <= 3)).toBe(true);
    const again = Array.from({ length: 2000 }, (_, index) =>
      plan.steeringOf({ example: normal, index, epoch: 1 }),
    );
    expect(again).toEqual(drawn);
    const later = Array.from({ length: 2000 }, (_, index) =>
      plan.steeringOf({ example: normal, index, epoch: 2 }),
    );
    expect(later).not.toEqual(drawn);
  });

  test("steers self-corrections that it did not make only where a share of them is asked for, and then no normal answer by that", () => {
    const steer = { mode: "both", latents: [7], strength: [2, 2], share: 0, borrowedShare: 1 } as const;
    const plan = planSteering({ recipe: recipeOf({ steer }), examples: EXAMPLES });
    const [plain, made] = [EXAMPLES[6], EXAMPLES[8]];
    if (plan === null || plain === undefined || made === undefined) throw new Error("no plan");
    expect(plan.steeringOf({ example: plain, index: 0, epoch: 0 })).toEqual({ latent: 7, strength: 2 });
    expect(plan.steeringOf({ example: made, index: 0, epoch: 0 })).toEqual({ latent: 2, strength: 20 });
    expect(plan.steeringOf({ example: example("n"), index: 0, epoch: 0 })).toBeNull();
  });

  test("refuses to steer without latents or strengths", () => {
    const plain = [example("n")];
    for (const [steer, missing] of [
      [{ mode: "steer" }, "latents"],
      [{ mode: "steer", latents: [1] }, "strengths"],
    ] as const) {
      expect(() => planSteering({ recipe: recipeOf({ steer }), examples: plain })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", facts: { missing } }),
      );
    }
  });
});
