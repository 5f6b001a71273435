import { describe, expect, it } from "vitest";
import { isCode } from "../errors.ts";
import { checkSae } from "./check-sae.ts";
import type { ModelInfo } from "./engine.ts";

const info: ModelInfo = {
  path: "model.gguf",
  fileHash: "00",
  architecture: "llama",
  name: "small",
  layers: 30,
  dModel: 576,
  vocabulary: 100,
  contextLength: 2048,
  weightType: "q4_0",
  weightMode: "as-is",
  chatTemplate: null,
  bosText: "",
  addsBos: false,
  eosText: "",
};
const dictionary = { path: "sae", dModel: 576, layer: 15, modelName: "small" };

function codeOf(options: Partial<Parameters<typeof checkSae>[0]>): string {
  try {
    checkSae({ dictionary, info, layer: 15, allowLayerMismatch: false, ...options });
  } catch (error) {
    return isCode(error, "SAE_MISMATCH") || isCode(error, "LAYER_OUT_OF_RANGE") ? error.code : String(error);
  }
  return "none";
}

describe("checkSae", () => {
  it("says nothing of an SAE of this model and layer", () => {
    expect(checkSae({ dictionary, info, layer: 15, allowLayerMismatch: false })).toEqual([]);
  });

  it("refuses another width, even where other layers are allowed", () => {
    const wide = { ...dictionary, dModel: 2048 };
    expect(codeOf({ dictionary: wide })).toBe("SAE_MISMATCH");
    expect(codeOf({ dictionary: wide, allowLayerMismatch: true })).toBe("SAE_MISMATCH");
  });

  it("refuses another layer unless it is allowed, and then warns", () => {
    expect(codeOf({ layer: 3 })).toBe("SAE_MISMATCH");
    expect(checkSae({ dictionary, info, layer: 3, allowLayerMismatch: true })).toHaveLength(1);
  });

  it("refuses a layer that the model lacks before anything else", () => {
    expect(codeOf({ layer: 30, allowLayerMismatch: true })).toBe("LAYER_OUT_OF_RANGE");
  });

  it("warns where the SAE does not say its layer", () => {
    const silent = { ...dictionary, layer: null };
    expect(checkSae({ dictionary: silent, info, layer: 3, allowLayerMismatch: false })).toHaveLength(1);
  });
});
