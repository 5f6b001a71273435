import fc from "fast-check";
import { expect, test } from "vitest";
import { verifyAttempts } from "../verify-attempts.ts";
import type { ReplyAttempt } from "./schema.ts";
import { readReply } from "./to-judgement.ts";

const RESPONSE =
  "Bees make honey in hives. Wait, that's not right. Let me start over. To bake bread, mix flour and water.";

const attempt = (first_words: string, restart_phrase: string | null, score: number): ReplyAttempt => ({
  first_words,
  restart_phrase,
  feedback: `${score} points`,
  score,
});
const read = (response: string, ...attempts: ReplyAttempt[]) =>
  readReply({ response, reply: { assessment: "so", attempts } });
const shown = (response: string, { attempts }: ReturnType<typeof readReply>) =>
  attempts.map(({ start, end, restartPhrase, score }) => [response.slice(start, end), restartPhrase, score]);

test("attempts become spans that reach to the next one, with the restart wording where it stands", () => {
  const found = read(
    RESPONSE,
    attempt("Bees make honey", null, 0),
    attempt(
      "Wait, that's not right. Let me start over. To bake",
      "Wait, that's not right. Let me start over.",
      90,
    ),
  );
  expect(found.status).toBe("scored");
  expect(shown(RESPONSE, found)).toEqual([
    ["Bees make honey in hives.", null, 0],
    [
      "Wait, that's not right. Let me start over. To bake bread, mix flour and water.",
      "Wait, that's not right. Let me start over.",
      90,
    ],
  ]);
  expect(found.feedback).toEqual(["0 points", "90 points"]);
});

test("first words may follow the restart wording, and both may be copied with small changes", () => {
  const found = read(
    RESPONSE,
    attempt("bees make Honey", null, 0),
    attempt("To bake bread, mix", "Let me start over!", 90),
  );
  expect(shown(RESPONSE, found)).toEqual([
    ["Bees make honey in hives. Wait, that's not right.", null, 0],
    ["Let me start over. To bake bread, mix flour and water.", "Let me start over", 90],
  ]);
});

test("restart wording at the very start makes no attempt of its own, whichever way the judge puts it", () => {
  const response = "Let me try again. To bake bread, mix flour and water.";
  const whole = [[response, null, 80]];
  expect(shown(response, read(response, attempt("Let me try again.", null, 80)))).toEqual(whole);
  expect(shown(response, read(response, attempt("To bake bread", "Let me try again.", 80)))).toEqual(whole);
  const empty = read(
    response,
    attempt("Let me try again.", "Let me try again.", 0),
    attempt("To bake bread", "Let me try again.", 80),
  );
  expect(shown(response, empty)).toEqual(whole);
});

test("a later attempt without restart wording is none, and the one before reaches over it", () => {
  const response = "Bees make honey. To bake bread, mix flour.";
  const found = read(response, attempt("Bees make", null, 10), attempt("To bake bread", null, 90));
  expect(shown(response, found)).toEqual([[response, null, 10]]);
  expect(found.rejected).toEqual(["no-restart"]);
});

test("invented text and invented phrases are rejected and counted", () => {
  const found = read(
    RESPONSE,
    attempt("Bees make honey", null, 5),
    attempt("Actually, cats are better at this", "Wait, that's not right.", 50),
    attempt("To bake bread, mix flour", "Hold on, I made an error", 90),
  );
  expect(found.status).toBe("scored");
  expect(found.attempts).toHaveLength(1);
  expect(found.rejected).toEqual(["text-absent", "phrase-absent"]);
});

test("without the first attempt, first and last can't be told: unparsable", () => {
  const found = read(
    RESPONSE,
    attempt("Cats purr all day long", null, 5),
    attempt("Let me start over. To bake", "Let me start over.", 90),
  );
  expect(found).toMatchObject({ status: "unparsable", attempts: [], rejected: ["text-absent"] });
});

test("no attempts is a judgement, and not a failure", () => {
  expect(read("Could you tell me more?")).toMatchObject({ status: "no-attempt", attempts: [], rejected: [] });
});

test("of phrases that repeat, the one that the first words go with is meant", () => {
  const response = "One. Let me start over. Two. Let me start over. Three.";
  const found = read(
    response,
    attempt("One.", null, 1),
    attempt("Let me start over. Two.", "Let me start over.", 2),
    attempt("Let me start over. Three.", "Let me start over.", 3),
  );
  expect(found.attempts.map(({ start }) => start)).toEqual([0, 5, 29]);
});

test("a response that loops is cut at each of its restarts", () => {
  const response = Array(4).fill("Let me start over. To bake bread.").join(" ");
  const again = attempt("Let me start over. To bake bread.", "Let me start over.", 50);
  const found = read(response, { ...again, restart_phrase: null }, again, again, again);
  expect(found.attempts.map(({ start }) => start)).toEqual([0, 34, 68, 102]);
});

const piece = fc.constantFrom(
  "Bees make honey",
  "Let me start over.",
  "Wait, that's not right.",
  "To bake bread",
  "cats",
  "",
  "  ",
);
const arbitrary = fc.record({
  first_words: fc.oneof(piece, fc.string()),
  restart_phrase: fc.option(fc.oneof(piece, fc.string())),
  feedback: fc.string(),
  score: fc.integer({ min: 0, max: 100 }),
});

test("whatever a judge replies, what is accepted stands in the response, in order (invariant 8)", () => {
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(" ")),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, fc.array(arbitrary, { maxLength: 6 }), (response, attempts) => {
      const found = readReply({ response, reply: { assessment: "", attempts } });
      expect(verifyAttempts({ response, attempts: found.attempts }).rejected).toEqual([]);
      expect(found.attempts.length > 0).toBe(found.status === "scored");
      expect(found.feedback).toHaveLength(found.attempts.length);
      for (const [index, { restartPhrase }] of found.attempts.entries()) {
        expect(restartPhrase === null).toBe(index === 0);
      }
    }),
  );
});
