import { expect, test } from "vitest";
import { type Arm, steeredArm, unsteeredArm } from "./arms.ts";
import { declareArms } from "./declare-arms.ts";
import { type Prepared, trialSetup } from "./trial-setup.ts";
import { unitsOf } from "./units.ts";

const session = {
  dictionary: { path: "/sae" },
  layer: 15,
  labels: [{ index: 7, label: "bees" }],
};
const prepared: Prepared = {
  thresholds: { mean: 50, deviation: 20 },
  vectors: new Map([[7, { vector: Float32Array.of(1, 2), hash: "vector-hash" }]]),
  budgets: new Map([[7, new Map([[0.5, 33]])]]),
};
const [unit] = unitsOf({ latent: 7, strength: 60, prompts: ["How do I bake bread?"], count: 1, seed: 1 });

function setupOf(parts: Arm) {
  const [arm] = declareArms({ arms: [parts], context: { saeHash: "sae-hash", layer: 15 } });
  if (arm === undefined || unit === undefined) throw new Error("no arm");
  return trialSetup({ arm, unit, session, prepared });
}

test("an unsteered arm has no intervention and keeps the unit's strength", () => {
  expect(setupOf(unsteeredArm())).toEqual({
    strength: 60,
    messages: [{ role: "user", content: "How do I bake bread?" }],
    judgedPrompt: "How do I bake bread?",
    intervention: null,
    identity: { steer: null },
  });
});

test("levels give strengths: a multiple of the threshold, one for all latents that is never below 0, or what a budget was found to need", () => {
  const at = (level: NonNullable<Arm["steering"]>["level"]) =>
    setupOf(steeredArm({ steering: { by: "latent", level } })).strength;
  expect(at({ kind: "threshold", times: 1 })).toBe(60);
  expect(at({ kind: "threshold", times: 0.5 })).toBe(30);
  expect(at({ kind: "shared", deviations: 1.5 })).toBe(80);
  expect(at({ kind: "shared", deviations: -3 })).toBe(0);
  expect(at({ kind: "kl", nats: 0.5 })).toBe(33);
  expect(() => at({ kind: "kl", nats: 1 })).toThrow("latent 7 at 1 nats");
});

test("steering and clamps are edits of one intervention, at the arm's positions", () => {
  const { intervention } = setupOf(
    steeredArm({ ablation: { latents: [1, 2], value: 0, share: 0.5 }, positions: { kind: "generated" } }),
  );
  expect(intervention).toEqual({
    layer: 15,
    positions: { kind: "generated" },
    edits: [
      { kind: "add", direction: { sae: "/sae", latent: 7 }, strength: 60 },
      { kind: "clamp", sae: "/sae", latent: 1, value: 0, share: 0.5 },
      { kind: "clamp", sae: "/sae", latent: 2, value: 0, share: 0.5 },
    ],
  });
});

test("a contrastive vector stands in the intervention, and its hash in the trial's key", () => {
  const { intervention, identity } = setupOf(
    steeredArm({ steering: { by: "contrast", level: { kind: "threshold", times: 1 } } }),
  );
  expect(intervention?.edits).toEqual([
    { kind: "add", direction: { vector: Float32Array.of(1, 2) }, strength: 60 },
  ]);
  expect(identity).toMatchObject({ steer: "contrast", vector: "vector-hash" });
});

test.each([
  ["after", [{ role: "user", content: "How do I bake bread? No bees!" }]],
  ["before", [{ role: "user", content: "No bees! How do I bake bread?" }]],
  [
    "system",
    [
      { role: "system", content: "No bees!" },
      { role: "user", content: "How do I bake bread?" },
    ],
  ],
] as const)(
  "a meta-prompt stands %s, with the label in it; the judge reads it only where that is asked for",
  (place, messages) => {
    const metaPrompt = { text: "No {label}!", place, judged: false };
    const setup = setupOf(steeredArm({ metaPrompt }));
    expect(setup.messages).toEqual(messages);
    expect(setup.judgedPrompt).toBe("How do I bake bread?");
    expect(setup.identity).toMatchObject({ metaPromptText: "No bees!" });
    const { judgedPrompt } = setupOf(steeredArm({ metaPrompt: { ...metaPrompt, judged: true } }));
    expect(judgedPrompt).toContain("No bees!");
    expect(judgedPrompt).toContain("How do I bake bread?");
  },
);

test("a question in the prompt's place is what the model is asked and what the judge reads, with the label in it", () => {
  const asked = setupOf(
    steeredArm({ metaPrompt: { text: "Tell me about {label}.", place: "instead", judged: true } }),
  );
  expect(asked.messages).toEqual([{ role: "user", content: "Tell me about bees." }]);
  expect(asked.judgedPrompt).toBe("Tell me about bees.");
  expect(asked.identity.metaPromptText).toBe("Tell me about bees.");
});
