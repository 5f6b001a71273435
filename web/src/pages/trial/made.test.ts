import { describe, expect, it } from "vitest";
import { armWords } from "./arm-words.ts";
import { contentSchema, givenEnd } from "./made.ts";
import { offeredName, replayLacks, replayQuery } from "./replay-query.ts";

const sae = "d08f000f";
const steered = { steer: "sae-latent", sae, layer: 15, positions: "all" };
const unit = { latent: 12, label: "islands", strength: 60.13 };
const trial = { prompt: "How?", latent: 12, label: "islands", strength: 60.13, seed: 7, receipt: null };

const words = (content: unknown) => armWords({ content: contentSchema.parse(content), ...unit }).join(" ");

describe("armWords", () => {
  it("says that the latent of an unsteered trial was not applied", () => {
    expect(words({ steer: null })).toContain("Not steered");
    expect(words({ steer: null })).toContain("only names the unit");
  });

  it("tells strength, multiple of the threshold, layer and positions", () => {
    const level = { kind: "threshold", times: 0.5 };
    expect(words({ ...steered, level, positions: { kind: "generated" } })).toBe(
      "Steers with latent 12 (“islands”), strength 60.13 (0.5 × its threshold) at layer 15, at the answer's positions.",
    );
  });

  it("tells what was clamped, and by how much of the way", () => {
    expect(words({ steer: null, ablate: { latents: [1, 2], value: 0, share: 0.5 } })).toContain(
      "Clamps 2 latents 50 % of the way to 0: 1, 2.",
    );
    expect(words({ steer: null, ablate: { latents: [1], value: 0, share: 1 } })).toContain(
      "Clamps 1 latent to 0: 1.",
    );
  });

  it("does not hide that the answer's start was given", () => {
    const prefill = { kind: "arm", from: steered, tokens: 40, sameLengthAs: [], followedBy: "\n\nWait." };
    expect(words({ ...steered, prefill })).toContain(
      "the model wrote only what follows: up to 40 tokens of another arm's answer, then “Wait.”",
    );
  });

  it("says something of a record that it does not know", () => {
    expect(words({ steer: 3, level: "odd", ablate: [] })).toContain("Not steered");
  });
});

describe("givenEnd", () => {
  const text = "aa bb Wait. cc";
  const given = (content: object, promptRows: number | null = null) =>
    givenEnd({
      content: contentSchema.parse(content),
      text,
      offsets: [0, 2, 5, 11],
      promptTokens: 30,
      promptRows,
    });

  it("is 0 without a given start", () => {
    expect(given(steered, 32)).toBe(0);
  });

  it("lies behind the text that followed a start", () => {
    expect(given({ ...steered, prefill: { kind: "arm", tokens: 2, followedBy: "Wait." } })).toBe(11);
  });

  it("is found by the edited rows of the prompt", () => {
    expect(given({ ...steered, prefill: { kind: "arm", tokens: 2 } }, 32)).toBe(5);
  });

  it("is unknown where nothing tells it", () => {
    expect(given({ steer: null, prefill: { kind: "arm", tokens: 2 } })).toBeNull();
    expect(
      given({ ...steered, positions: { kind: "generated" }, prefill: { kind: "arm", tokens: 2 } }, 0),
    ).toBeNull();
  });
});

describe("replayQuery", () => {
  it("asks for no steering where the arm had none", () => {
    const query = replayQuery({
      trial,
      content: contentSchema.parse({ steer: null }),
      sampling: null,
      adapter: null,
    });
    expect(query).not.toHaveProperty("latent");
    expect(query).toMatchObject({ prompt: "How?", seed: 7 });
  });

  it("carries all that the playground can do", () => {
    const content = contentSchema.parse({
      ...steered,
      positions: { kind: "prompt" },
      ablate: { latents: [3, 4], value: 0, share: 1 },
      metaPrompt: { text: "Leave out {label}.", place: "after" },
      adapter: "abc",
    });
    const adapter = offeredName(content, [
      { name: "other", hash: null },
      { name: "resist", hash: "abc" },
    ]);
    const sampling = { temperature: 0.6, maxTokens: 160 };
    expect(replayQuery({ trial, content, sampling, adapter })).toEqual({
      prompt: "How?",
      latent: 12,
      strength: 60.13,
      positions: "prompt",
      seed: 7,
      ablate: "3,4",
      meta: "Leave out islands.",
      adapter: "resist",
      temperature: 0.6,
      tokens: 160,
    });
    expect(replayLacks({ content, adapter })).toEqual([]);
  });

  it("says what it can't do", () => {
    const content = contentSchema.parse({
      steer: "contrast",
      layer: 15,
      adapter: "abc",
      prefill: { kind: "text", text: "a" },
    });
    const adapter = offeredName(content, [{ name: "other", hash: "abd" }]);
    expect(replayLacks({ content, adapter })).toEqual([
      "the given start",
      "the adapter",
      "the contrast vector",
    ]);
  });
});
