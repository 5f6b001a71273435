import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { serverError, startFaultProxy } from "../../../test/support/fault-proxy.ts";
import { type Answer, type Reply, startLlmServer } from "../../../test/support/llm-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openLlmClient } from "../../llm/client.ts";
import type { JudgedItem, JudgeItem } from "../judge.ts";
import { openLlmJudge } from "./llm-judge.ts";
import { judgePrompt, judgePromptHash } from "./prompt.ts";

const RESPONSE = "Bees hum. Let me start over. Mix flour and water.";
const ITEM: JudgeItem = {
  id: "a",
  prompt: "How do I bake bread?",
  response: RESPONSE,
  responseTokens: new Int32Array(0),
  offsets: new Int32Array(0),
  latentLabel: "apiculture",
};

const reply = (first: number, second: number | null) =>
  JSON.stringify({
    assessment: "Bees, then bread.",
    attempts: [
      { first_words: "Bees hum.", restart_phrase: null, feedback: "bees", score: first },
      ...(second === null
        ? []
        : [
            {
              first_words: "Let me start over. Mix",
              restart_phrase: "Let me start over.",
              feedback: "bread",
              score: second,
            },
          ]),
    ],
  });

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const result of results) found.push(result);
  return found;
}

interface Setup {
  url: string;
  variant?: "told" | "blind";
  votes?: number;
  cacheDir?: string | null;
  maxRetries?: number;
  maxFailures?: number;
}

function judgeAt({
  url,
  variant = "told",
  votes = 1,
  cacheDir = null,
  maxRetries = 0,
  maxFailures = 20,
}: Setup) {
  const sleep = async () => {};
  const client = openLlmClient({
    provider: "compatible",
    model: "m",
    apiKey: null,
    baseUrl: url,
    cacheDir,
    maxRetries,
    maxFailures,
    sleep,
  });
  return openLlmJudge({ client, variant, votes });
}

async function judged(setup: Setup, items = [ITEM]): Promise<JudgedItem[]> {
  return await all(judgeAt(setup).judge(items));
}

test("a reply becomes attempts of the text, with feedback, model and cost beside them", async () => {
  await using server = await startLlmServer({
    answer: () => ({ text: reply(3, 88), model: "m-2026-01-01", cost: 0.25 }),
  });
  const [found] = await judged({ url: server.url });
  expect(found?.judgement).toMatchObject({
    judge: "llm m told/1",
    status: "scored",
    attempts: [
      { start: 0, end: 9, restartPhrase: null, score: 3 },
      { start: 10, end: RESPONSE.length, restartPhrase: "Let me start over.", score: 88 },
    ],
    detail: {
      model: "m-2026-01-01",
      costUsd: 0.25,
      inputTokens: 100,
      outputTokens: 20,
      assessment: "Bees, then bread.",
    },
  });
  expect(JSON.parse(String(found?.judgement.detail.feedback))).toEqual(["bees", "bread"]);
});

test("the told judge is told the label, and the blind one is sent nothing of it", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  await judged({ url: server.url, variant: "told" });
  await judged({ url: server.url, variant: "blind" });
  const [told, blind] = server.seen.map(({ body }) => JSON.stringify(body));
  expect(told).toContain("apiculture");
  expect(blind).not.toContain("apiculture");
  expect(blind).not.toContain("unrelated");
  for (const { prompt } of server.seen) {
    expect(prompt).toContain(ITEM.prompt);
    expect(prompt).toContain(RESPONSE);
  }
});

test("a told judge without a label fails instead of judging blind; a blind one needs none", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  const { latentLabel: _, ...bare } = ITEM;
  expect((await judged({ url: server.url }, [bare]))[0]?.judgement.status).toBe("failed");
  expect((await judged({ url: server.url, variant: "blind" }, [bare]))[0]?.judgement.status).toBe("scored");
});

test("an empty response is judged without asking", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  const [found] = await judged({ url: server.url }, [{ ...ITEM, response: " \n" }]);
  expect(found?.judgement).toMatchObject({ status: "no-attempt", detail: { reason: "empty-response" } });
  expect(server.seen).toHaveLength(0);
});

test.each<[string, Reply, string, string]>([
  ["refusal", { refusal: "I won't judge this." }, "refused", "refused"],
  ["filter", { text: "", finish: "filter" }, "refused", "content-filter"],
  ["nothing", { text: "" }, "empty", "empty"],
  ["prose", { text: "It is good." }, "unparsable", "unparsable"],
  ["half a reply", { text: reply(3, 88).slice(0, 60), finish: "length" }, "unparsable", "unparsable"],
  ["a score of 101", { text: reply(101, null) }, "unparsable", "unparsable"],
  [
    "attempts that are not there",
    { text: reply(3, null).replace("Bees hum.", "Cats purr loudly.") },
    "unparsable",
    "absent",
  ],
])("%s is a failure of its own kind and never a score", async (_, given, status, cause) => {
  await using server = await startLlmServer({ answer: () => given });
  const [found] = await judged({ url: server.url });
  expect(found?.judgement).toMatchObject({ status, attempts: [], detail: { cause } });
});

test("votes are asked apart, and repeats never share an answer, with or without a cache", async () => {
  await using folder = await temporaryFolder();
  const scores = [10, 40, 20];
  const answer: Answer = (_, index) => reply(scores[index % 3] ?? 0, index % 3 === 1 ? null : 80);
  await using server = await startLlmServer({ answer });
  const setup = { url: server.url, votes: 3, cacheDir: folder.path };
  const [found] = await judged(setup);
  expect(server.seen).toHaveLength(3);
  expect(found?.judgement.judge).toBe("llm m told 3 votes/1");
  expect(found?.judgement.attempts).toHaveLength(2);
  expect(found?.judgement.attempts[0]?.score).toBe(15);
  expect(found?.judgement.detail).toMatchObject({ votes: 3, cached: 0 });
  const [again] = await judged(setup);
  expect(server.seen).toHaveLength(3);
  expect(again?.judgement).toMatchObject({
    attempts: found?.judgement.attempts,
    detail: { cached: 3, costUsd: 0 },
  });
  await all(judgeAt(setup).judge([ITEM], { repeat: 1 }));
  expect(server.seen).toHaveLength(6);
});

test("a minority of the votes does not speak for all", async () => {
  await using server = await startLlmServer({
    answer: (_, index) => (index === 1 ? reply(3, 88) : "no idea"),
  });
  const [found] = await judged({ url: server.url, votes: 3 });
  expect(found?.judgement).toMatchObject({ status: "unparsable", attempts: [] });
});

test("an outage gives failures that can be judged again, and a long one stops the judge", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [{ kind: "pass" }, serverError(503)],
  });
  const items = Array.from({ length: 6 }, (_, id) => ({
    ...ITEM,
    id: String(id),
    response: `${RESPONSE} ${id}`,
  }));
  const judge = judgeAt({ url: proxy.url, maxFailures: 3 });
  expect((await all(judge.judge(items.slice(0, 1))))[0]?.judgement.status).toBe("scored");
  expect((await all(judge.judge(items.slice(1, 2))))[0]?.judgement).toMatchObject({
    status: "failed",
    detail: { cause: "outage", reason: expect.stringContaining("503") },
  });
  expect((await all(judge.judge(items.slice(1, 2))))[0]?.judgement.status).toBe("scored");
  proxy.always = serverError(503);
  await expect(all(judge.judge(items))).rejects.toMatchObject({ code: "LLM_UNAVAILABLE" });
});

test("every item is judged once, whatever the order in which they finish", async () => {
  const slowFirst: Answer = async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index === 0 ? 50 : 0));
    return reply(3, 88);
  };
  await using server = await startLlmServer({ answer: slowFirst });
  const items = Array.from({ length: 100 }, (_, id) => ({ ...ITEM, id: String(id) }));
  const found = await judged({ url: server.url }, items);
  expect(found.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());
});

test("a wrong key is found by the check, and a raised signal ends the judge", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  await using proxy = await startFaultProxy({ target: server.url, script: [serverError(401)] });
  await expect(judgeAt({ url: proxy.url }).check()).rejects.toMatchObject({ code: "LLM_ACCESS" });
  const judge = judgeAt({ url: server.url });
  await expect(all(judge.judge([ITEM], { signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("what determines the scores is in the description: variant, votes, wording, model", async () => {
  await using server = await startLlmServer({ answer: () => reply(3, 88) });
  const describe = (setup: Partial<Setup>) => judgeAt({ url: server.url, ...setup }).describe();
  expect(describe({})).toMatchObject({
    model: "m",
    variant: "told",
    votes: 1,
    promptHash: judgePromptHash("told"),
  });
  expect(describe({ votes: 3 })).not.toEqual(describe({}));
  expect(describe({ variant: "blind" }).promptHash).not.toBe(describe({}).promptHash);
});

test("docs/judge.md shows the wording as it is sent", async () => {
  const page = await readFile(new URL("../../../docs/judge.md", import.meta.url), "utf8");
  const { system, prompt } = judgePrompt({ request: "{request}", response: "{response}", label: "{label}" });
  expect(page).toContain(system);
  expect(page).toContain(prompt);
  const blind = judgePrompt({ request: "", response: "", label: null });
  for (const line of `${blind.system}\n${blind.prompt}`
    .split("\n")
    .filter((each) => !`${system}\n${prompt}`.includes(each))) {
    expect(page).toContain(line);
  }
});
