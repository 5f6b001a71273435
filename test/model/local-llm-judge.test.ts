/** The `local-llm` judge on real weights. The model is far too small to judge well: what is tested is the way, not the scores. */
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { JudgedItem, JudgeItem } from "../../src/judge/judge.ts";
import { type OpenedLocalLlmJudge, openLocalLlmJudge } from "../../src/judge/local-llm.ts";
import { openEngine } from "./support/engine.ts";

const RESPONSES = [
  "The capital of France is Paris.",
  "Horses eat grass. Wait, that's not right. Let me try again. The capital of France is Paris.",
  "",
];

function items(): JudgeItem[] {
  return RESPONSES.map((response, i) => ({
    id: String(i),
    prompt: "What is the capital of France?",
    response,
    responseTokens: new Int32Array(0),
    offsets: new Int32Array(0),
    latentLabel: "horses",
  }));
}

async function judged(opened: OpenedLocalLlmJudge, some: JudgeItem[]): Promise<Map<string, JudgedItem>> {
  const found = new Map<string, JudgedItem>();
  for await (const item of opened.judge.judge(some)) found.set(item.id, item);
  return found;
}

let engine: Engine;
let opened: OpenedLocalLlmJudge;
beforeAll(async () => {
  engine = await openEngine({ slots: 2, contextPerSlot: 3072 });
  opened = await openLocalLlmJudge({
    model: inject("modelPath"),
    cacheDir: inject("cacheDir"),
    variant: "told",
    openEnds: { longestText: 40, mostItems: 2 },
    contextPerSlot: 3072,
    engine,
  });
});
afterAll(async () => {
  await opened.close();
  await engine.close();
});

it("every reply is JSON of the judge's schema; what it says is then held against the text", async () => {
  const results = await judged(opened, items());
  expect([...results.keys()].sort()).toEqual(["0", "1", "2"]);
  for (const { id, judgement } of results.values()) {
    // a reply that was no JSON, or was cut off, would be `unparsable` for another cause
    expect(["scored", "no-attempt", "unparsable"]).toContain(judgement.status);
    if (judgement.status === "unparsable") expect(judgement.detail.cause).toBe("absent");
    for (const { start, end, score } of judgement.attempts) {
      expect(end).toBeLessThanOrEqual(RESPONSES[Number(id)]?.length ?? 0);
      expect(start).toBeLessThan(end);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(100);
    }
  }
  expect(results.get("2")?.judgement.status).toBe("no-attempt");
  expect(opened.spent()).toMatchObject({ calls: 2, costUsd: 0 });
});

it("the judge says which weights judged, and uses the subject's engine where it is the same file", async () => {
  expect(opened.judge.describe()).toMatchObject({
    provider: "in-process",
    modelHash: engine.info.fileHash,
    judge: expect.stringMatching(/^local-llm\//),
  });
  await opened.close();
  expect(await engine.tokenize("still open")).not.toHaveLength(0);
});

it("a response that fits no context is a failed judgement, and no score", async () => {
  const long = items().map((item) => ({ ...item, response: "word ".repeat(3000) }));
  const results = await judged(opened, long.slice(0, 1));
  expect(results.get("0")?.judgement).toMatchObject({ status: "failed", attempts: [] });
});

it("an engine without room for the questions is left alone, and an own one is opened and closed", async () => {
  const small = await openEngine({ slots: 1, contextPerSlot: 256 });
  const own = await openLocalLlmJudge({
    model: inject("modelPath"),
    cacheDir: inject("cacheDir"),
    variant: "blind",
    maxTokens: 20,
    contextPerSlot: 2048,
    slots: 1,
    workers: 1,
    threads: 1,
    engine: small,
  });
  try {
    expect(own.judge.name).toMatch(/^local-llm .* blind$/);
    // cut off after 20 tokens
    expect(await own.judge.check()).toMatchObject({ status: "unparsable", usage: { outputTokens: 20 } });
  } finally {
    await own.close();
    await small.close();
  }
});
