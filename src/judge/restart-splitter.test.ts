/**
 * The attempt boundaries decide which score is "first" and which is "last", so the splitter is held to known boundaries: restart wording
 * spliced between real-looking answers, and wording that looks like it but is not. The grammar was written against `phrases`;
 * `heldOutPhrases` were set aside before and the grammar was not changed for them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRng, type Rng } from "../stats/rng.ts";
import { noAttemptReason } from "./no-attempt.ts";
import { type SplitAttempt, splitRestarts } from "./restart-splitter.ts";
import { verifyAttempts } from "./verify-attempts.ts";

const texts = z.array(z.string().min(1)).min(1);
const cases = z
  .object({
    phrases: texts,
    heldOutPhrases: texts,
    offTopic: texts,
    onTopic: texts,
    hardNegatives: texts,
    letters: texts,
    clarifying: texts,
    refusals: texts,
    openings: texts,
  })
  .parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "../../test/data/judge/restart-cases.json"), "utf8")),
  );

interface Case {
  response: string;
  /** Where each restart sentence begins and ends. */
  boundaries: { start: number; end: number }[];
}

function pick(rng: Rng, items: readonly string[]): string {
  const item = items[rng.below(items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

const SEPARATORS = [" ", "\n", "\n\n", " — ", "... "];

/** Puts restarts between answers, one after an answer that is cut mid-sentence now and then. */
function spliced({ rng, phrases }: { rng: Rng; phrases: readonly string[] }): Case {
  let response = pick(rng, cases.offTopic);
  const boundaries: Case["boundaries"] = [];
  for (const phrase of phrases) {
    if (rng.next() < 0.2) response = response.slice(0, response.lastIndexOf(" "));
    response += pick(rng, SEPARATORS);
    boundaries.push({ start: response.length, end: response.length + phrase.length });
    response += phrase + pick(rng, [" ", "\n\n"]) + pick(rng, cases.onTopic);
    if (rng.next() < 0.3) response += ` ${pick(rng, cases.hardNegatives)}`;
  }
  return { response, boundaries };
}

function negative({ rng, sentence }: { rng: Rng; sentence: string }): Case {
  const gap = () => pick(rng, [" ", "\n", "\n\n"]);
  const before = pick(rng, [...cases.onTopic, ...cases.offTopic]);
  return { response: before + gap() + sentence + gap() + pick(rng, cases.onTopic), boundaries: [] };
}

interface Accuracy {
  cases: number;
  precision: number;
  recall: number;
  f1: number;
  /** Of the responses, those with exactly the right boundaries. */
  exact: number;
  wrong: string[];
}

/** A found boundary is right if it lies within a restart sentence that no other found boundary has taken. */
function accuracyOf(all: readonly Case[]): Accuracy {
  let hits = 0;
  let found = 0;
  let wanted = 0;
  const wrong: string[] = [];
  for (const { response, boundaries } of all) {
    const starts = splitRestarts(response)
      .attempts.slice(1)
      .map(({ start }) => start);
    const right = boundaries.filter(({ start, end }) => starts.some((at) => at >= start && at < end)).length;
    hits += right;
    found += starts.length;
    wanted += boundaries.length;
    if (right !== boundaries.length || right !== starts.length) wrong.push(response);
  }
  const precision = hits / found;
  const recall = hits / wanted;
  const f1 = (2 * precision * recall) / (precision + recall);
  return { cases: all.length, precision, recall, f1, exact: 1 - wrong.length / all.length, wrong };
}

const VARIANTS = [0, 1, 2, 3];

function caseSet({ seed, phrases }: { seed: number; phrases: readonly string[] }): Case[] {
  const rng = createRng({ seed });
  return [
    ...phrases.flatMap((phrase) => VARIANTS.map(() => spliced({ rng, phrases: [phrase] }))),
    ...phrases.map((phrase) => spliced({ rng, phrases: [phrase, pick(rng, phrases)] })),
    ...cases.hardNegatives.flatMap((sentence) => VARIANTS.map(() => negative({ rng, sentence }))),
    ...cases.letters.map((letter) => negative({ rng, sentence: `\n\n${letter}\n\n` })),
  ];
}

const only = (response: string): SplitAttempt => {
  const { attempts } = splitRestarts(response);
  expect(attempts).toHaveLength(1);
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error("no attempt");
  return attempt;
};

describe("boundaries of generated cases", () => {
  test.each([
    ["phrases that the grammar was written for", cases.phrases, 400],
    ["phrases that were held out", cases.heldOutPhrases, 400],
  ])("%s are found with an F1 of at least 0.95", (_, phrases, least) => {
    const accuracy = accuracyOf(caseSet({ seed: 7, phrases }));
    expect(accuracy.cases).toBeGreaterThanOrEqual(least);
    expect(accuracy.precision, accuracy.wrong.join("\n---\n")).toBeGreaterThanOrEqual(0.95);
    expect(accuracy.recall, accuracy.wrong.join("\n---\n")).toBeGreaterThanOrEqual(0.9);
    expect(accuracy.f1, accuracy.wrong.join("\n---\n")).toBeGreaterThanOrEqual(0.95);
  });

  test("no two lists share a phrase", () => {
    const normal = (phrase: string) => phrase.toLowerCase().replace(/[^a-z]/g, "");
    const known = new Set(cases.phrases.map(normal));
    expect(cases.heldOutPhrases.filter((phrase) => known.has(normal(phrase)))).toEqual([]);
  });

  test.each(cases.hardNegatives)("does not split at: %s", (sentence) => {
    only(`${cases.onTopic[0]} ${sentence} ${cases.onTopic[1]}`);
  });
});

describe("what an attempt is", () => {
  const response = "The dragon sleeps on gold. Wait, that's not right. Let me start over. Crack three eggs. ";

  test("the restart wording belongs to the attempt that it begins", () => {
    const phrase = "Wait, that's not right. Let me start over.";
    expect(splitRestarts(response)).toEqual({
      attempts: [
        { start: 0, end: 26, contentStart: 0, restartPhrase: null },
        { start: 27, end: response.length - 1, contentStart: 28 + phrase.length, restartPhrase: phrase },
      ],
      trailingRestart: null,
    });
  });

  test("asides and lone alerts before the wording belong to it", () => {
    const [, second] = splitRestarts(
      "Knights ride out at dawn. Ahem! (laughs) Sorry, that was off topic. Let me start again. Crack three eggs.",
    ).attempts;
    expect(second?.restartPhrase).toBe("Ahem! (laughs) Sorry, that was off topic. Let me start again.");
  });

  test.each(cases.openings)("wording at the very start is no boundary: %s", (opening) => {
    const attempt = only(opening + cases.onTopic[0]);
    expect(attempt).toMatchObject({ start: 0, contentStart: opening.length, restartPhrase: null });
  });

  test.each(cases.openings)("without the legacy rule that wording is the first attempt's: %s", (opening) => {
    const response = opening + cases.onTopic[0];
    const { attempts } = splitRestarts(response, { legacy: false });
    expect(attempts).toHaveLength(1);
    const phrase = attempts[0]?.restartPhrase ?? "";
    expect(phrase).not.toBe("");
    expect(response.startsWith(phrase)).toBe(true);
  });

  test("an announced attempt that never comes is none", () => {
    const { attempts, trailingRestart } = splitRestarts("Knights ride out at dawn. Oops, let me start over.");
    expect(attempts).toEqual([{ start: 0, end: 25, contentStart: 0, restartPhrase: null }]);
    expect(trailingRestart).toBe(26);
  });

  test("wording that opens a long sentence does not swallow it", () => {
    const text =
      "Knights ride at dawn. Wait, let me start over: crack three eggs into a bowl and whisk them.";
    const [, second] = splitRestarts(text).attempts;
    expect(second?.restartPhrase).toBe("Wait, let me start over:");
    expect(text.slice(second?.contentStart)).toBe("crack three eggs into a bowl and whisk them.");
  });

  test("a short answer after a colon is content", () => {
    const [, second] = splitRestarts("Knights ride at dawn. Let me try again: 7/12.").attempts;
    expect(second?.restartPhrase).toBe("Let me try again:");
  });

  test("restarts with next to nothing between them are one", () => {
    const { attempts } = splitRestarts(
      "Knights ride. Oops, I got sidetracked. Eggs! Let me try again. Crack three.",
    );
    expect(attempts.map(({ start }) => start)).toEqual([0, 14]);
  });

  test.each(["", "  \n "])("a response without content has no attempt: %j", (empty) => {
    expect(splitRestarts(empty)).toEqual({ attempts: [], trailingRestart: null });
  });
});

describe("whose voice it is", () => {
  const letter = "Dear Ms. Lee,\n\nThank you for your order. ";

  test("an apology in a letter that was cut off is the letter's", () => {
    only(`${letter}I apologize for the mistake in the last shipment. We will send`);
  });

  test("starting over inside such a letter is the writer's", () => {
    const { attempts } = splitRestarts(
      `${letter}The dragon roars. Wait, let me start over. Dear Ms. Lee, thanks.`,
    );
    expect(attempts[1]?.restartPhrase).toBe("Wait, let me start over.");
  });

  test.each([
    ["code", "Print it: `wait, let me start over` and stop."],
    ["a code block", "Run this:\n```\nlet me start over.\noops, my mistake.\n```\nThen stop."],
    ["single quotes", "The clerk said 'Oops, my mistake. Let me try again.' and left."],
    ["a bulleted suggestion", "Say one of these:\n- Let me start over.\n- I was wrong."],
    ["a condition", "When the audience looks lost, sorry, let me start over is a fine thing to say."],
  ])("%s is not the writer's", (_, text) => {
    only(text);
  });

  test("an unclosed quote hides nothing", () => {
    expect(
      splitRestarts('The board is 6" wide. Wait, let me start over. Crack three eggs.').attempts,
    ).toHaveLength(2);
    expect(
      splitRestarts('"The dragon roars. Wait, let me start over. Crack three eggs.').attempts,
    ).toHaveLength(2);
  });
});

describe("responses without an attempt", () => {
  test.each(cases.clarifying)("asks back: %s", (response) => {
    expect(noAttemptReason(response)).toBe("clarifying-question");
  });

  test.each(cases.refusals)("refuses: %s", (response) => {
    expect(noAttemptReason(response)).toBe("refusal");
  });

  test.each([
    ...cases.onTopic,
    ...cases.offTopic,
    "I'm sorry, but I can't do that. Instead, whisk three eggs in a bowl.",
    "the the the the",
    "I can NOT EXPLAIT SUGGESTIONS ABOUT CIRCULABLE GLANCE",
    "I can't believe how long the dragon slept.",
    "I won't forget the fiesta.",
    "????",
  ])("nonsense and answers are attempts: %s", (response) => {
    expect(noAttemptReason(response)).toBeNull();
  });

  test("an empty response is named", () => {
    expect(noAttemptReason(" \n")).toBe("empty-response");
  });
});

test("attempts of any text are disjoint, in order and in the text", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom(
      ...cases.phrases,
      ...cases.hardNegatives,
      "\n",
      '"',
      "“",
      "İ",
      "`",
      "- ",
      "1. ",
      "Dear Ann,\n",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const response = pieces.join(" ");
      const { attempts } = splitRestarts(response);
      const judged = attempts.map((attempt) => ({ ...attempt, score: null, components: {} }));
      expect(verifyAttempts({ response, attempts: judged }).rejected).toEqual([]);
      for (const { start, end, contentStart } of attempts) {
        expect(contentStart >= start && contentStart <= end).toBe(true);
      }
    }),
  );
});
