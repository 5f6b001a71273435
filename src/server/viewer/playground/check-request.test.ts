import { describe, expect, test } from "vitest";
import type { PlaygroundRequest } from "../api/playground.ts";
import { checkRequest } from "./check-request.ts";

const facts = {
  dictionary: { path: "sae", latents: 100 },
  adapters: new Map([["resist", "/adapters/resist.gguf"]]),
  shown: {
    model: { name: "m", layers: 30, contextLength: 512 },
    strengths: null,
    sae: null,
    adapters: [{ name: "resist", hash: "hash of resist" }],
    metaPrompts: [],
    detectors: [],
  },
};

const GOOD: PlaygroundRequest = {
  prompt: "How do I boil an egg?",
  steering: { by: { kind: "latent", latent: 7 }, strength: 40, positions: "all" },
  ablate: [3],
  metaPrompt: "label",
  adapter: "resist",
  seed: 1,
  temperature: 0.6,
  maxTokens: 100,
};
const CONTRAST: PlaygroundRequest["steering"] = {
  by: { kind: "contrast", positive: ["a"], negative: ["b"] },
  strength: 1,
  positions: "all",
};

const codeOf = (part: Partial<PlaygroundRequest>): string => {
  try {
    checkRequest({ request: { ...GOOD, ...part }, facts });
    return "fine";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "no code";
  }
};

describe("a request", () => {
  test.each<[string, Partial<PlaygroundRequest>, string]>([
    ["as the form makes it", {}, "fine"],
    ["with an ablation alone", { steering: null, metaPrompt: null }, "fine"],
    ["by contrast", { steering: CONTRAST, metaPrompt: "focus" }, "fine"],
    ["of blanks", { prompt: " \n" }, "PROMPT_EMPTY"],
    ["that edits nothing", { steering: null, ablate: [], metaPrompt: null }, "REQUEST_INVALID"],
    [
      "with a latent that the SAE lacks",
      { steering: { ...CONTRAST, by: { kind: "latent", latent: 100 } } },
      "LATENT_UNKNOWN",
    ],
    ["that ablates a latent that the SAE lacks", { ablate: [3, 100] }, "LATENT_UNKNOWN"],
    ["with a path for an adapter", { adapter: "/adapters/resist.gguf" }, "REQUEST_INVALID"],
    ["with a name that every object has for an adapter", { adapter: "constructor" }, "REQUEST_INVALID"],
    ["for a label where no latent steers", { steering: CONTRAST }, "REQUEST_INVALID"],
    [
      "for a label in words of one's own",
      { steering: CONTRAST, metaPrompt: "Not {label}." },
      "REQUEST_INVALID",
    ],
    ["longer than the context", { maxTokens: 512 }, "CONTEXT_OVERFLOW"],
  ])("%s: %s", (_, part, code) => {
    expect(codeOf(part)).toBe(code);
  });
});
