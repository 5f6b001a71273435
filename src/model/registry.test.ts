import { expect, test } from "vitest";
import { isCode } from "../errors.ts";
import { DEFAULT_MODEL, findModel, KNOWN_MODELS, requireModel } from "./registry.ts";

test("every name and alias leads to exactly one model", () => {
  const names = KNOWN_MODELS.flatMap((model) => [model.name, ...model.aliases]);
  expect(new Set(names).size).toBe(names.length);
  for (const model of KNOWN_MODELS) {
    for (const name of [model.name, ...model.aliases, model.name.toUpperCase()])
      expect(findModel(name)).toBe(model);
  }
});

test("the default model is known, and every prior lies within its strength range", () => {
  expect(requireModel(DEFAULT_MODEL).defaults.strengthRange).not.toBeNull();
  for (const { defaults } of KNOWN_MODELS) {
    const { strengthRange, priorMean } = defaults;
    if (strengthRange === null) continue;
    expect(priorMean).toBeGreaterThan(strengthRange[0]);
    expect(priorMean).toBeLessThan(strengthRange[1]);
  }
});

test("the paper's five models are known, with the layers that METHOD.md 2.1 lists", () => {
  const layers = KNOWN_MODELS.flatMap(({ name, paper }) =>
    paper === null ? [] : [[name, paper.steeringLayer, paper.readingLayer]],
  );
  expect(layers).toEqual([
    ["llama-3.3-70b", 33, 50],
    ["llama-3.1-8b", 12, 19],
    ["gemma-2-2b", 16, 16],
    ["gemma-2-9b", 26, 26],
    ["gemma-2-27b", 22, 22],
  ]);
});

test("the sources of the default model hold the same bytes", () => {
  const { hub, pypi } = requireModel(DEFAULT_MODEL);
  expect(hub.sha256).toBe(pypi?.sha256);
  expect(hub.size).toBe(pypi?.size);
});

test("an unknown name is refused and the known ones are named", () => {
  expect(findModel("nope")).toBeNull();
  const error = catchError(() => requireModel("nope"));
  expect(isCode(error, "MODEL_UNKNOWN")).toBe(true);
  expect(String(error)).toContain(DEFAULT_MODEL);
});

function catchError(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
