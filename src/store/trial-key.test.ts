import { describe, expect, it } from "vitest";
import { type TrialIdentity, trialKey } from "./trial-key.ts";

const identity: TrialIdentity = {
  arm: { steer: "sae-latent", metaPrompt: null, adapterHash: null, prefill: null },
  latent: 7,
  strength: 12.5,
  prompt: "How do I bake bread?",
  seed: 3,
  sampling: { temperature: 0.6, topP: 1, stop: ["\n\n"] },
  modelHash: "m",
  weightType: "q8_0",
  weightMode: "as-is",
  saeHash: "s",
  layer: 15,
  templateHash: "t",
};

describe("trial key", () => {
  it("is the same on every machine and in every version", () => {
    expect(trialKey(identity)).toBe("5eebf0f3053e4c63441d91f7235a6724");
  });

  it("does not depend on the order of fields", () => {
    const turned = Object.fromEntries(Object.entries(identity).reverse());
    // the same fields in another order
    expect(trialKey(turned as unknown as TrialIdentity)).toBe(trialKey(identity));
  });

  it.each([
    { arm: { ...identity.arm, prefill: "Sure" } },
    { arm: {} },
    { latent: 8 },
    { latent: null },
    { strength: 12.500000001 },
    { prompt: "How do I bake bread? " },
    { seed: 4 },
    { sampling: { ...identity.sampling, temperature: 0.7 } },
    { sampling: { ...identity.sampling, stop: [] } },
    { modelHash: "n" },
    { weightType: "f32" },
    { weightMode: "exact" },
    { saeHash: null },
    { layer: 16 },
    { templateHash: "u" },
  ] satisfies Partial<TrialIdentity>[])("changes with %j", (change) => {
    expect(trialKey({ ...identity, ...change })).not.toBe(trialKey(identity));
  });

  it("refuses an identity with a field that it does not know, which would otherwise not count", () => {
    expect(() => trialKey({ ...identity, extra: 1 } as TrialIdentity)).toThrow(/extra/);
  });
});
