import { expect, test } from "vitest";
import { MATRIX_NAMES } from "../types.ts";
import { loraShape } from "./lora-shape.ts";
import { parseRecipe } from "./recipe.ts";

function shapeOf(lora: Record<string, unknown>) {
  return loraShape({ lora: parseRecipe({ settings: { data: "d", lora }, source: "test" }).lora, layers: 4 });
}

test("all is every matrix of every block", () => {
  expect(shapeOf({})).toMatchObject({ matrices: MATRIX_NAMES, layers: [0, 1, 2, 3] });
});

test("the order in which matrices and blocks are named changes nothing", () => {
  const named = shapeOf({ matrices: ["ffn_down", "attn_q"], layers: [2, 0] });
  expect(named).toMatchObject({ matrices: ["attn_q", "ffn_down"], layers: [0, 2] });
});

test("a block that the model lacks is refused", () => {
  expect(() => shapeOf({ layers: [4] })).toThrow(expect.objectContaining({ code: "LAYER_OUT_OF_RANGE" }));
});
