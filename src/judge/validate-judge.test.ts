/** Validation of language-model judges that answer by a rule, over real HTTP. */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Answer as ServerAnswer, startLlmServer } from "../../test/support/llm-server.ts";
import { RESTART } from "../../test/support/responses-run.ts";
import { scriptedJudge } from "../../test/support/scripted-judge.ts";
import type { Answer } from "./answer-scores.ts";
import { judgeSettingsSchema } from "./judge-settings.ts";
import { llmJudgeOf } from "./llm/open-llm-judge.ts";
import { readAttemptCases, validateAttempts } from "./validate-attempts.ts";
import { validateJudge } from "./validate-judge.ts";

const judgeAt = (baseUrl: string) =>
  llmJudgeOf({
    settings: judgeSettingsSchema.parse({ kind: "llm", provider: "compatible", model: "scripted", baseUrl }),
    access: { keys: {}, cacheDir: null },
  });

const answers = Array.from({ length: 20 }, (_, i): Answer => {
  const text = `About topic-${i}: it is blue.`;
  return {
    prompt: `Tell me about topic-${i}, please.`,
    text,
    tokens: Int32Array.of(1),
    offsets: Int32Array.of(0),
  };
});

/** Reads both the request and the answer. */
const honest: ServerAnswer = ({ prompt }) => {
  const asked = /<request>\n.*(topic-\d+),/.exec(prompt)?.[1] ?? "none";
  const [, answered = ""] = /<answer>\n(.*)\n/.exec(prompt) ?? [];
  const score = answered.includes(`${asked}:`) ? 90 : 5;
  const attempts = [{ first_words: answered.slice(0, 15), restart_phrase: null, feedback: "so", score }];
  return JSON.stringify({ assessment: "so", attempts });
};

describe("validating a judge", () => {
  test("that reads the question gives an area of 1, and one that doesn't gives a half", async () => {
    await using server = await startLlmServer({ answer: honest });
    await using blind = await startLlmServer({ answer: scriptedJudge });
    const settings = { answers, labels: ["horses"], seed: 1 };
    const good = await validateJudge({ judge: judgeAt(server.url), ...settings });
    expect(good).toMatchObject({
      answers: 20,
      auc: 1,
      own: { judged: 20, failures: 0, meanScore: 90 },
      deranged: { judged: 20, failures: 0, meanScore: 5 },
    });
    expect(server.seen.every(({ prompt }) => prompt.includes("horses"))).toBe(true);
    expect((await validateJudge({ judge: judgeAt(blind.url), ...settings })).auc).toBe(0.5);
  });

  test("counts its failures, and makes no number of them", async () => {
    await using server = await startLlmServer({
      answer: (call, index) => (call.prompt.includes("topic-7:") ? { refusal: "no" } : honest(call, index)),
    });
    const found = await validateJudge({ judge: judgeAt(server.url), answers, labels: ["horses"], seed: 1 });
    expect(found).toMatchObject({
      auc: 1,
      own: { failures: 1, byStatus: { scored: 19, refused: 1 } },
      deranged: { failures: 1 },
    });
  });

  test("on known restarts counts what is found, missed and invented", async () => {
    await using server = await startLlmServer({ answer: scriptedJudge });
    const text = [
      { id: "a", response: `Bees hum. ${RESTART} Mix flour.`, boundaries: [10] },
      { id: "b", response: "Bees hum. No, that is wrong. Mix flour.", boundaries: [10] },
      { id: "c", response: `Bees say ${RESTART} And hum.`, boundaries: [] },
      { id: "d", response: "Mix flour and water.", boundaries: [] },
    ];
    const cases = readAttemptCases({
      text: text.map((each) => JSON.stringify(each)).join("\n"),
      file: "cases.jsonl",
    });
    const found = await validateAttempts({ judge: judgeAt(server.url), cases });
    expect(found).toMatchObject({
      cases: 4,
      failures: 0,
      restarts: 2,
      found: 1,
      missed: 1,
      invented: 1,
      rightCount: 2,
      precision: 0.5,
      recall: 0.5,
    });
  });

  test("takes the committed cases of the splitter, and names a line that is none", async () => {
    const text = await readFile(new URL("../../test/data/splitter/cases.jsonl", import.meta.url), "utf8");
    expect(readAttemptCases({ text, file: "cases.jsonl" }).length).toBeGreaterThan(400);
    expect(() => readAttemptCases({ text: '{"id":"a"}', file: "cases.jsonl" })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", facts: { file: "cases.jsonl", line: 1 } }),
    );
  });
});
