import { expect, test } from "vitest";
import type { Judgement } from "../../../judge/judge.ts";
import { attemptsOf } from "./answer-pair.ts";

const TEXT =
  "Snakes shed their skin. Wait, that is not what you asked. Let me start over. Boil the egg for six minutes.";

const judged: Judgement = {
  judge: "likelihood/2",
  status: "scored",
  attempts: [{ start: 0, end: 10, restartPhrase: null, score: 12, components: { tokens: 5 } }],
  detail: {},
};

test("without a judge the splitter's attempts have no scores", () => {
  const attempts = attemptsOf({ text: TEXT, judgement: null });
  expect(attempts).toHaveLength(2);
  expect(attempts.map(({ score }) => score)).toEqual([null, null]);
  expect(TEXT.slice(attempts[1]?.start)).toMatch(/^Wait|^Let me/);
  expect(TEXT.slice(attempts[1]?.start)).toContain(attempts[1]?.restartPhrase);
});

test("the judge's attempts count, and those of a judge that failed don't", () => {
  expect(attemptsOf({ text: TEXT, judgement: judged })).toEqual([
    { start: 0, end: 10, restartPhrase: null, score: 12 },
  ]);
  const failed: Judgement = { ...judged, status: "failed", attempts: [] };
  expect(attemptsOf({ text: TEXT, judgement: failed })).toHaveLength(2);
});
