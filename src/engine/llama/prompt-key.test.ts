import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GenerationRequest } from "../engine.ts";
import { promptKey } from "./prompt-key.ts";

type Prompt = Pick<GenerationRequest, "tokens" | "intervention" | "record">;

const vector = (values: number[]): Prompt => ({
  tokens: Int32Array.of(1, 2),
  intervention: {
    layer: 3,
    positions: { kind: "all" },
    edits: [{ kind: "add", direction: { vector: Float32Array.from(values) }, strength: 2 }],
  },
});

describe("promptKey", () => {
  test("is that of another prompt exactly if the tokens are the same", () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 6 });
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        const equal = a.length === b.length && a.every((token, i) => token === b[i]);
        const keys = [a, b].map((each) => promptKey({ tokens: Int32Array.from(each) }));
        expect(keys[0] === keys[1]).toBe(equal);
      }),
    );
  });

  test("does not depend on where in a buffer the tokens lie", () => {
    const all = Int32Array.of(9, 1, 2, 9);
    expect(promptKey({ tokens: all.subarray(1, 3) })).toBe(promptKey({ tokens: Int32Array.of(1, 2) }));
  });

  test("tells vectors, strengths, layers, positions and recordings apart", () => {
    const plain: Prompt = { tokens: Int32Array.of(1, 2) };
    const one = vector([1, 0]);
    const { intervention } = one;
    if (intervention === undefined) throw new Error("the prompt has an intervention");
    const prompts: Prompt[] = [
      plain,
      { ...plain, record: { layer: 3, sae: "a", latents: [1] } },
      { ...plain, record: { layer: 3, sae: "a", latents: [2] } },
      one,
      vector([1, 1e-7]),
      { ...one, intervention: { ...intervention, layer: 4 } },
      { ...one, intervention: { ...intervention, positions: { kind: "prompt" } } },
      {
        ...one,
        intervention: {
          ...intervention,
          edits: intervention.edits.map((each) => ({ ...each, strength: 3 })),
        },
      },
    ];
    expect(new Set(prompts.map(promptKey)).size).toBe(prompts.length);
    expect(promptKey(vector([1, 0]))).toBe(promptKey(one));
  });
});
