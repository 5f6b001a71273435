import { describe, expect, test } from "vitest";
import { type Answer, startLlmServer } from "../../test/support/llm-server.ts";
import { openLlmClient } from "../llm/client.ts";
import { labelByLlm } from "./label-by-llm.ts";
import type { LabelledLatent } from "./label-latents.ts";
import { rateConcretenessByLlm } from "./llm-concreteness.ts";
import type { TextContext } from "./text-context.ts";

function open(baseUrl: string) {
  return openLlmClient({
    provider: "compatible",
    model: "m",
    apiKey: null,
    baseUrl,
    cacheDir: null,
    sleep: async () => {},
  });
}

function context(word: string, i: number): TextContext {
  return {
    tokens: [" number", ` ${i}`, " has", ` ${word}`, " here"],
    activations: [0, 0, 0, 20 - i, 0],
    peak: 3,
    value: 20 - i,
    position: 3,
    topic: null,
  };
}

const NUMBERS = Array.from({ length: 8 }, (_, i) => i);

function latent(index: number, word: string): LabelledLatent {
  return {
    label: {
      index,
      label: "before",
      frequency: 0.01,
      maxActivation: 10,
      meanActivation: 5,
      topTokens: [],
      topTopics: [],
      concreteness: null,
    },
    contexts: {
      index,
      top: NUMBERS.map((i) => context(word, i)),
      sample: NUMBERS.map((i) => context(word, 10 + i)),
    },
  };
}

const silent = NUMBERS.map((i) => [" nothing", ` ${i}`, " here"]);

/** Names a latent by its marked word, and finds the excerpts that have the name in them. */
const honest: Answer = ({ prompt }) => {
  const marked = /«(\w+)»/.exec(prompt)?.[1];
  if (marked !== undefined) return JSON.stringify({ reasoning: "r", label: marked, confidence: 90 });
  const [head = "", ...excerpts] = prompt.split(/\n+/);
  const name = head.replace("Feature: ", "");
  const matches = excerpts.filter((line) => line.includes(name)).map((line) => Number.parseInt(line, 10));
  return JSON.stringify({ matches });
};

describe("naming", () => {
  test("a name that fits finds all contexts and no others; one that fits nothing is at chance", async () => {
    await using server = await startLlmServer({
      answer: (call, index) =>
        call.prompt.includes("«stone»")
          ? JSON.stringify({ reasoning: "r", label: "wrong", confidence: 5 })
          : honest(call, index),
    });
    const { labels, detection, failures } = await labelByLlm({
      client: open(server.url),
      latents: [latent(4, "cat"), latent(9, "stone")],
      silentOf: () => silent,
    });
    expect(labels.map(({ label, source, detection: score }) => [label, source, score])).toEqual([
      ["cat", "llm", 1],
      ["wrong", "llm", 0.5],
    ]);
    expect(detection.get(4)).toMatchObject({ sensitivity: 1, specificity: 1 });
    expect(failures).toEqual([]);
  });

  test("contexts by which a name is scored were not shown for naming it", async () => {
    await using server = await startLlmServer({ answer: honest });
    await labelByLlm({ client: open(server.url), latents: [latent(4, "cat")], silentOf: () => silent });
    const [naming, scoring] = server.seen.map(({ prompt }) => new Set(prompt?.match(/number \d+/g)));
    expect(naming?.size).toBe(12);
    expect(scoring?.size).toBe(4);
    expect([...(naming ?? [])].filter((text) => scoring?.has(text))).toEqual([]);
  });

  test("a latent whose answer is of no use keeps its label and is counted", async () => {
    await using server = await startLlmServer({
      answer: (call, index) => (call.prompt.includes("«stone»") ? "I'd rather not." : honest(call, index)),
    });
    const { labels, failures } = await labelByLlm({
      client: open(server.url),
      latents: [latent(4, "cat"), latent(9, "stone")],
      silentOf: () => silent,
    });
    expect(labels.map(({ label }) => label)).toEqual(["cat", "before"]);
    expect(failures).toEqual([expect.objectContaining({ latent: 9, status: "unparsable" })]);
  });
});

describe("concreteness", () => {
  const labels = Array.from({ length: 120 }, (_, i) => `label ${i}`);
  const ratingsOf = (prompt: string) => {
    const asked = [...prompt.matchAll(/^- (.+)$/gm)].map(([, label]) => label);
    return JSON.stringify({
      ratings: asked.map((label) => ({ label, justification: "j", rating: Number(label?.slice(6)) % 100 })),
    });
  };
  const rate: Answer = ({ prompt }) => ratingsOf(prompt);

  test("every label is rated once, 50 at a time", async () => {
    await using server = await startLlmServer({ answer: rate });
    const { ratings } = await rateConcretenessByLlm({
      client: open(server.url),
      labels: [...labels, ...labels],
    });
    expect(server.seen).toHaveLength(3);
    expect([...ratings].toSorted(([a], [b]) => Number(a.slice(6)) - Number(b.slice(6)))).toEqual(
      labels.map((label, i) => [label, i % 100]),
    );
  });

  test("a batch that failed, and a label that was left out or made up, have no rating", async () => {
    await using server = await startLlmServer({
      answer: (call) =>
        call.prompt.includes("label 60\n")
          ? "no"
          : ratingsOf(call.prompt).replace('"label 3"', '"label of another list"'),
    });
    const { ratings, failures } = await rateConcretenessByLlm({ client: open(server.url), labels });
    expect(failures).toHaveLength(1);
    expect(ratings.size).toBe(69);
    expect(ratings.has("label 3") || ratings.has("label 60") || ratings.has("label of another list")).toBe(
      false,
    );
  });
});
