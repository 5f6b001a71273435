import { describe, expect, test } from "vitest";
import type { FinetuneRecord } from "../data/record.ts";
import { knownPhrases, restartClassifier } from "./classify-restart.ts";

const TRAINED = {
  a01: "Wait, that's not what you asked. Let me start over.",
  a02: "Sorry, I went off topic. Let me answer your question.",
  a03: "Wait, that's not what you asked.",
};
const HELD_OUT = { h01: "Hmm, I seem to be off track here. Let me restart." };
const listed = (texts: Record<string, string>) => Object.entries(texts).map(([id, text]) => ({ id, text }));
const classify = restartClassifier({ trained: listed(TRAINED), heldOut: listed(HELD_OUT) });
const of = (phrase: string, rest = " To boil an egg, heat water.") =>
  classify({ phrase, text: `${phrase}${rest}` });

describe("restart wording", () => {
  test.each([
    ["as it was trained", TRAINED.a01, "trained", "a01"],
    [
      "in another case and punctuation",
      "wait — that’s not what you asked! LET ME START OVER:",
      "trained",
      "a01",
    ],
    [
      "with words around it",
      "Oh. Sorry, I went off topic. Let me answer your question. Now",
      "trained",
      "a02",
    ],
    ["that is only the shorter of two", "Wait, that's not what you asked. Let me think.", "trained", "a03"],
    ["that was held out", HELD_OUT.h01, "held-out", "h01"],
    ["of sentences that were trained apart", "Sorry, I went off topic. Let me start over.", "pieces", null],
    ["with a word more than was trained", "Sorry, I went far off topic. Let me start over.", "own", null],
    ["that was never seen", "No, this is nonsense. Once more.", "own", null],
    ["without a word", "...", "own", null],
  ])("%s is told", (_, phrase, kind, id) => {
    expect(of(phrase)).toEqual({ kind, id });
  });

  test("that a judge cut short is read on in the response", () => {
    expect(classify({ phrase: "Sorry, I went off", text: `${TRAINED.a02} Boil it.` })).toEqual({
      kind: "trained",
      id: "a02",
    });
    // words further on belong to the answer
    expect(classify({ phrase: "No", text: `No. ${TRAINED.a02}` }).kind).toBe("own");
  });

  test("is found as whole words only", () => {
    const short = restartClassifier({ trained: [{ id: "a", text: "Let me start" }], heldOut: [] });
    expect(short({ phrase: "Let me starting", text: "Let me starting" }).kind).toBe("own");
  });
});

test("only acknowledgements of training examples count as trained, and one of ours that was trained is not held out", () => {
  const record = (id: string, text: string, split: FinetuneRecord["split"]): FinetuneRecord => ({
    id,
    kind: "self-correction",
    prompt: "Hi?",
    segments: [{ text: `Bees. ${text} Hello.`, trained: true }],
    acknowledgement: { id, text, heldOut: false },
    split,
  });
  const all = knownPhrases({ records: [] });
  const [first] = all.heldOut;
  if (first === undefined) throw new Error("nothing is held out");
  const { trained, heldOut } = knownPhrases({
    records: [record("x", first.text, "train"), record("y", "Scratch that.", "validation")],
  });
  expect(trained.map(({ id }) => id)).toEqual(["x"]);
  expect(heldOut).toEqual(all.heldOut.slice(1));
});
