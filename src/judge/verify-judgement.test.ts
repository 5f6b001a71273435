import { expect, test } from "vitest";
import type { Attempt, Judgement } from "./judge.ts";
import { verifyJudgement } from "./verify-judgement.ts";

const RESPONSE = "Bees hum. Wait, let me start over. Mix flour.";
const attempt = (part: Partial<Attempt>): Attempt => ({
  start: 0,
  end: 9,
  restartPhrase: null,
  score: 20,
  components: {},
  ...part,
});
const judgement = (attempts: Attempt[]): Judgement => ({
  judge: "made/1",
  status: "scored",
  attempts,
  detail: {},
});

test("a judgement whose attempts are all in the text stays as it is", () => {
  const real = judgement([attempt({}), attempt({ start: 10, end: 45, restartPhrase: "Wait", score: 90 })]);
  expect(verifyJudgement({ response: RESPONSE, judgement: real })).toBe(real);
});

test("an invented restart is taken out and counted, so it makes no multi-attempt trial", () => {
  const invented = attempt({ start: 10, end: 45, restartPhrase: "I made a mistake", score: 90 });
  const found = verifyJudgement({ response: RESPONSE, judgement: judgement([attempt({}), invented]) });
  expect(found.status).toBe("scored");
  expect(found.attempts).toEqual([attempt({})]);
  expect(found.detail.rejectedAttempts).toBe(1);
});

test("a judgement of invented attempts alone is a judge failure, not a score", () => {
  const found = verifyJudgement({
    response: RESPONSE,
    judgement: judgement([attempt({ start: 40, end: 400 })]),
  });
  expect(found).toMatchObject({ status: "unparsable", attempts: [], detail: { rejectedAttempts: 1 } });
});
