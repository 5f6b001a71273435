import { expect, it } from "vitest";
import { readScore } from "./read-score.ts";
import type { ReferenceTrial } from "./schema.ts";

function read(changes: Partial<ReferenceTrial>) {
  return readScore({
    prompt: "p",
    threshold: 1,
    seed: 1,
    response: "text",
    score: null,
    error: null,
    ...changes,
  });
}

it("reads attempts as given", () => {
  const score = { raw_response: "fine", attempts: [{ attempt_text: "text", score: 40 }] };
  expect(read({ score })).toEqual({
    kind: "attempts",
    attempts: [{ text: "text", score: 40 }],
    flawedScores: 0,
    raw: "fine",
  });
});

it("an empty list is no attempt and no failure", () => {
  expect(read({ score: { attempts: [] } })).toMatchObject({ kind: "attempts", attempts: [] });
});

it("a score that can't be one counts as none, and is counted", () => {
  const attempts = [
    { score: 40 },
    { score: "90" },
    { score: 101 },
    { score: -1 },
    { score: true },
    { score: null },
    {},
    "x",
    null,
  ];
  expect(read({ score: { attempts } })).toMatchObject({
    kind: "attempts",
    attempts: attempts.map((_, i) => ({ text: null, score: i === 0 ? 40 : null })),
    flawedScores: 4,
  });
});

it.each([
  ["no score", { score: null }, "failed"],
  ["a call that failed", { score: { error: "timeout" }, error: "timeout" }, "failed"],
  [
    "an error of the judge's own JSON",
    { score: { raw_response: "x", error: "odd", attempts: [] } },
    "unparsable",
  ],
  ["a reply of nothing", { score: { raw_response: " ", error: "No JSON found" } }, "empty"],
  ["a reply without attempts", { score: { raw_response: "x", verdict: 3 } }, "unparsable"],
  ["attempts that are no list", { score: { attempts: { score: 3 } } }, "unparsable"],
  ["a list in place of the object", { score: [1] }, "failed"],
  [
    "attempts without any score",
    { score: { attempts: [{ attempt_text: "text", score: null }] } },
    "unparsable",
  ],
  ["our own export of a refusal", { score: { error: "refused", status: "refused" } }, "refused"],
])("%s is a judge failure", (_, changes, status) => {
  expect(read(changes)).toMatchObject({ kind: "failure", status });
});

it("a trial without a response has failed itself", () => {
  expect(read({ response: null, error: "out of memory" })).toEqual({
    kind: "errored",
    reason: "out of memory",
  });
});

it("what Python calls false is no error", () => {
  expect(read({ error: "", score: { error: null, attempts: [] } })).toMatchObject({ kind: "attempts" });
});
