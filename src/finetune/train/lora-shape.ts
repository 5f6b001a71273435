/** The matrices and blocks that a recipe adapts, spelled out for a model. */
import { CountersteerError } from "../../errors.ts";
import { type LoraShape, MATRIX_NAMES } from "../types.ts";
import type { Recipe } from "./recipe.ts";

/** @param layers of the model. Throws LAYER_OUT_OF_RANGE. */
export function loraShape({ lora, layers }: Pick<Recipe, "lora"> & { layers: number }): LoraShape {
  const { rank, alpha, dropout, matrices } = lora;
  const blocks = lora.layers === "all" ? [...Array(layers).keys()] : lora.layers.toSorted((a, b) => a - b);
  const outside = blocks.find((layer) => layer >= layers);
  if (outside !== undefined) {
    throw new CountersteerError("LAYER_OUT_OF_RANGE", {
      what: `Block ${outside} can't be adapted.`,
      why: `The model's blocks are 0 to ${layers - 1}.`,
      todo: "Correct --layers.",
      facts: { layer: outside, layers },
    });
  }
  return {
    rank,
    alpha,
    dropout,
    // in the model's order, so that the order in the recipe changes nothing
    matrices: MATRIX_NAMES.filter((name) => matrices === "all" || matrices.includes(name)),
    layers: blocks,
  };
}
