import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Playground, playgroundRequestSchema } from "../../../../src/server/viewer/api/playground.ts";
import { readState, writeState } from "../../lib/query-state.ts";
import { type FormState, formSchema, latentsIn, requestOf, strengthRange } from "./form-state.ts";

const shown: Playground = {
  model: { name: "m", layers: 30, contextLength: 2048 },
  strengths: { least: 0, most: 160, usual: 75 },
  sae: { id: "s", name: "s", layer: 15, latents: 8192 },
  adapters: [{ name: "resist", hash: "hash of resist" }],
  metaPrompts: [{ name: "focus", text: "Keep to the question." }],
  detectors: [
    { latent: 4, label: "x" },
    { latent: 9, label: null },
  ],
};
const formOf = (search: string): FormState => readState(formSchema, search);

describe("the address", () => {
  test("holds the whole form: what is written is what is read", () => {
    const line = fc.stringMatching(/^[a-z?&=+%# ]{1,20}$/).filter((text) => text.trim() !== "");
    const latents = fc.uniqueArray(fc.nat(9000), { minLength: 1, maxLength: 4 });
    const forms = fc.record({
      prompt: line,
      by: fc.constantFrom("latent" as const, "contrast" as const),
      latent: fc.nat(9000),
      positive: fc.array(line, { maxLength: 3 }),
      negative: fc.array(line, { maxLength: 3 }),
      strength: fc.integer({ min: -900, max: 900 }).map((value) => value / 8),
      positions: fc.constantFrom("all" as const, "prompt" as const, "generated" as const),
      ablate: fc.oneof(fc.constant("all"), latents.map(String)),
      meta: line,
      adapter: line,
      seed: fc.nat(),
      temperature: fc.integer({ min: 0, max: 50 }).map((value) => value / 10),
      tokens: fc.integer({ min: 1, max: 1024 }),
    });
    fc.assert(
      fc.property(forms, (form) => {
        expect(formOf(writeState(formSchema, form))).toEqual(form);
      }),
    );
  });

  test("says nothing where everything is as usual, and passes over what can't be", () => {
    expect(writeState(formSchema, formOf(""))).toBe("");
    expect(formOf("latent=-3&temperature=9&tokens=4000&ablate=x&prompt=Hi")).toEqual(formOf("prompt=Hi"));
  });
});

describe("what is asked", () => {
  test("takes the usual strength where none is chosen, and a chosen 0", () => {
    const strengths = ["", "&strength=0"].map(
      (rest) => requestOf(formOf(`prompt=Hi&latent=7${rest}`), shown).request?.steering?.strength,
    );
    expect(strengths).toEqual([75, 0]);
  });

  test.each([
    ["latent=7", "Write a question first."],
    ["prompt=Hi", "Choose a latent to steer with, or latents to ablate."],
    ["prompt=Hi&ablate=chosen", "Choose a latent to steer with, or latents to ablate."],
    ["prompt=Hi&by=contrast&positive=sea&negative=+", "A contrast needs a prompt on each side."],
  ])("is nothing for %s", (search, lacks) => {
    expect(requestOf(formOf(search), shown)).toEqual({ request: null, lacks });
  });

  test.each([
    ["prompt=Hi&ablate=all", { steering: null, ablate: [4, 9] }],
    ["prompt=Hi&ablate=5,6", { steering: null, ablate: [5, 6] }],
    [
      "prompt=Hi&by=contrast&positive=sea&positive=ship&negative=day&latent=3&strength=2",
      { steering: { by: { kind: "contrast", positive: ["sea", "ship"], negative: ["day"] }, strength: 2 } },
    ],
    ["prompt=Hi&latent=3&meta=focus&adapter=resist", { metaPrompt: "focus", adapter: "resist" }],
  ])("fits the server's schema for %s", (search, part) => {
    const { request } = requestOf(formOf(search), shown);
    expect(playgroundRequestSchema.parse(request)).toMatchObject(part);
  });
});

test("latents are read out of any text, each once", () => {
  expect(latentsIn("12, 7 and 12;0")).toEqual([12, 7, 0]);
  expect(latentsIn("chosen")).toEqual([]);
});

test("the slider reaches the present strength, in round steps", () => {
  fc.assert(
    fc.property(fc.double({ min: -500, max: 500, noNaN: true }), (strength) => {
      const { least, most, step } = strengthRange(strength, shown);
      expect(least <= strength && strength <= most && least < most).toBe(true);
      expect((most - least) / step).toBeLessThanOrEqual(1000.001);
      expect((most - least) / step).toBeGreaterThanOrEqual(99.999);
    }),
  );
});
