import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findWords } from "./find-words.ts";
import { textPieces } from "./text-pieces.ts";

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  // half pairs, controls and bidi overrides among letters
  fc
    .array(fc.constantFrom("a", "B", " ", "\n", "\r\n", "\ud83d", "\ude00", "😀", "\u202e", "\0"), {
      maxLength: 40,
    })
    .map((parts) => parts.join("")),
);

const marked = anyText.chain((text) => {
  const place = fc.nat({ max: text.length });
  return fc.record({
    text: fc.constant(text),
    offsets: fc.array(place, { maxLength: 30 }).map((places) => places.sort((a, b) => a - b)),
    tones: fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 30 }),
    attempts: fc.array(
      fc.record({
        start: place,
        end: place,
        restartPhrase: fc.option(fc.constantFrom("a", "B ", "😀", "")),
      }),
      { maxLength: 4 },
    ),
    matches: fc.constantFrom("a", "b", "😀").map((search) => findWords(text, search)),
    given: place,
  });
});

describe("textPieces", () => {
  it("gives blocks and pieces that together are the text, in its order and without empty ones", () => {
    fc.assert(
      fc.property(marked, (options) => {
        const blocks = textPieces(options);
        const pieces = blocks.flatMap((block) => block.pieces);
        let at = 0;
        for (const { start, end } of pieces) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBe(options.text.length);
        expect(blocks.map(({ start }) => start)).toEqual(blocks.map(({ pieces: [first] }) => first?.start));
        expect(blocks.map(({ end }) => end)).toEqual(blocks.map(({ pieces: parts }) => parts.at(-1)?.end));
      }),
    );
  });

  it("never cuts a pair in two", () => {
    fc.assert(
      fc.property(marked, (options) => {
        const pieces = textPieces(options).flatMap((block) => block.pieces);
        const plain = pieces.filter(({ isOdd }) => !isOdd);
        expect(plain.every(({ shown }) => shown.isWellFormed())).toBe(true);
      }),
    );
  });

  it("gives each character the tone of the last token that begins at or before it", () => {
    fc.assert(
      fc.property(marked, (options) => {
        const { offsets, tones, text } = options;
        fc.pre(text.isWellFormed() && !/[\ud800-\udbff]/.test(text));
        for (const { start, end, tone } of textPieces(options).flatMap(({ pieces }) => pieces)) {
          for (let at = start; at < end; at++) {
            const token = offsets.findLastIndex((offset) => offset <= at);
            expect(tone).toBe(token < 0 ? 0 : (tones[token] ?? 0));
          }
        }
      }),
    );
  });

  it("shows no character that hides or reorders others", () => {
    fc.assert(
      fc.property(marked, (options) => {
        for (const { shown } of textPieces(options).flatMap(({ pieces }) => pieces)) {
          expect(shown).toMatch(/^[^\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\ufeff]*$/u);
        }
      }),
    );
  });

  it("makes one piece of neighbouring tokens with one tone", () => {
    const [block] = textPieces({ text: "abcdef", offsets: [0, 1, 2, 3, 4, 5], tones: [1, 1, 1, 2, 2, 0] });
    expect(block?.pieces.map(({ shown, tone }) => [shown, tone])).toEqual([
      ["abc", 1],
      ["de", 2],
      ["f", 0],
    ]);
  });

  it("marks attempts, restart wording, matches and a given start at their places", () => {
    const text = "Beach. Wait, no. Square roots.";
    const blocks = textPieces({
      text,
      attempts: [
        { start: 0, end: 6, restartPhrase: null },
        { start: 7, end: 30, restartPhrase: "Wait, no." },
      ],
      matches: findWords(text, "square"),
      given: 6,
    });
    expect(blocks.map(({ attempt, start, end }) => [attempt, start, end])).toEqual([
      [0, 0, 6],
      [null, 6, 7],
      [1, 7, 30],
    ]);
    const of = (is: "isRestart" | "isMatch" | "isGiven") =>
      blocks.flatMap(({ pieces }) => pieces.filter((piece) => piece[is]).map(({ shown }) => shown));
    expect(of("isRestart")).toEqual(["Wait, no."]);
    expect(of("isMatch")).toEqual(["Square"]);
    expect(of("isGiven")).toEqual(["Beach."]);
  });

  it("looks for restart wording within its own attempt only", () => {
    const blocks = textPieces({
      text: "a b a b",
      attempts: [
        { start: 0, end: 1, restartPhrase: "b" },
        { start: 4, end: 7, restartPhrase: "b" },
      ],
    });
    const restarts = blocks.flatMap(({ pieces }) => pieces.filter(({ isRestart }) => isRestart));
    expect(restarts.map(({ start }) => start)).toEqual([6]);
  });
});
