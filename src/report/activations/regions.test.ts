import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trialRecord } from "../../../test/support/run-records.ts";
import type { AttemptRecord, JudgementRecord } from "../../store/records.ts";
import { answerRows, meanOver } from "./answer-rows.ts";
import { episodeRegions, regionsOf } from "./regions.ts";
import { firstTokenFrom, tokensOfSpan } from "./token-regions.ts";

/** A text and its tokens. */
function tokenized(...pieces: string[]) {
  const offsets: number[] = [];
  let text = "";
  for (const piece of pieces) {
    offsets.push(text.length);
    text += piece;
  }
  return { text, offsets: Int32Array.from(offsets), tokens: Int32Array.from(pieces, (_, i) => i) };
}

function attempt(start: number, end: number, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return { start, end, restartPhrase: null, score: 10, components: {}, ...changes };
}

function judged(attempts: AttemptRecord[]): JudgementRecord {
  return {
    trialKey: "trial-1",
    judge: "likelihood/1",
    repeat: 0,
    status: "scored",
    attempts,
    detail: {},
    createdAt: "2026-01-02T03:04:05.000Z",
  };
}

const PHRASE = "Wait, again.";

describe("a border", () => {
  test("lies before the token whose word begins there, whatever blank stands before the word in it", () => {
    const pieces = ["Bees", " hum", ".", " Wait", ",", " again", ".", " Mix"];
    const { text, offsets } = tokenized(...pieces);
    expect(firstTokenFrom({ text, offsets, at: text.indexOf("Wait") })).toBe(3);
    expect(firstTokenFrom({ text, offsets, at: text.indexOf(" Mix") })).toBe(7);
    expect(firstTokenFrom({ text, offsets, at: text.indexOf("Mix") })).toBe(7);
  });

  test("inside a token leaves it to the span in which it begins", () => {
    const { text, offsets } = tokenized("Bees hum", ".Wait", ", again. Mix");
    const at = text.indexOf("Wait");
    expect(tokensOfSpan({ text, offsets, start: 0, end: at })).toEqual({ start: 0, end: 2 });
    expect(tokensOfSpan({ text, offsets, start: at, end: text.length })).toEqual({ start: 2, end: 3 });
  });

  test("leaves a line break where it stands, and the parts of one character together", () => {
    const { text, offsets } = tokenized("a", "\n\n", "", "é", " b");
    expect(firstTokenFrom({ text, offsets, at: 1 })).toBe(1);
    expect(firstTokenFrom({ text, offsets, at: 3 })).toBe(2);
    expect(firstTokenFrom({ text, offsets, at: 4 })).toBe(4);
  });
});

const words = fc.array(fc.constantFrom("a", " b", "\n", "c d", " e.", ""), { minLength: 1, maxLength: 8 });
/** Text before, in, and behind the phrase; token borders anywhere in all of it. */
const answer = fc
  .record({ off: words, on: words, more: words, cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true })) })
  .map(({ off, on, more, cuts }) => {
    const [head, body, tail] = [`x${off.join("")}`, `${on.join("")}y`, more.join("")];
    const text = `${head} ${PHRASE}${body}${tail}`;
    const borders = [...new Set([0, ...cuts.map((cut) => Math.floor(cut * text.length))])];
    const offsets = Int32Array.from(borders.filter((at) => at < text.length).sort((a, b) => a - b));
    const restart = head.length + 1;
    const end = restart + PHRASE.length + body.length;
    return {
      text,
      offsets,
      attempts: [attempt(0, head.length), attempt(restart, end, { restartPhrase: PHRASE })],
    };
  });

describe("the regions of an episode", () => {
  test("part its tokens: each token of its span is in exactly one", () => {
    fc.assert(
      fc.property(answer, ({ text, offsets, attempts }) => {
        const regions = regionsOf({ trial: { text, offsets }, attempts });
        if (regions === null) throw new Error("no regions");
        const { "off-topic": off, correction, "on-topic": on } = regions;
        expect(off.end).toBe(correction.start);
        expect(correction.end).toBe(on.start);
        const whole = tokensOfSpan({ text, offsets, start: 0, end: attempts[1]?.end ?? 0 });
        expect([off.start, on.end]).toEqual([whole.start, whole.end]);
        for (const { start, end } of [off, correction, on]) expect(end).toBeGreaterThanOrEqual(start);
      }),
    );
  });

  test("move with the text", () => {
    fc.assert(
      fc.property(answer, fc.nat({ max: 5 }), ({ text, offsets, attempts }, tokens) => {
        const before = "one ".repeat(tokens);
        const moved = {
          text: before + text,
          offsets: Int32Array.from([
            ...Array.from({ length: tokens }, (_, i) => 4 * i),
            ...[...offsets].map((offset) => offset + before.length),
          ]),
        };
        const later = attempts.map((each) => ({
          ...each,
          start: each.start + before.length,
          end: each.end + before.length,
        }));
        const plain = regionsOf({ trial: { text, offsets }, attempts });
        const shifted = regionsOf({ trial: moved, attempts: later });
        for (const name of ["off-topic", "correction", "on-topic"] as const) {
          expect(shifted?.[name].start).toBe((plain?.[name].start ?? 0) + tokens);
          expect(shifted?.[name].end).toBe((plain?.[name].end ?? 0) + tokens);
        }
      }),
    );
  });

  test("are taken of answers of exactly the declared shape, and the others are told apart", () => {
    const trial = trialRecord(
      tokenized("Bees hum.", " Wait, again.", " Mix flour.", " Wait, again.", " Bake."),
    );
    const one = [attempt(0, 9, { score: 5 }), attempt(10, 33, { restartPhrase: PHRASE, score: 50 })];
    const two = [...one, attempt(34, 52, { restartPhrase: PHRASE, score: 60 })];
    const shape = { restarts: "one", improved: true, margin: 0 } as const;
    const of = (attempts: AttemptRecord[], changes = {}) =>
      episodeRegions({ trial, judgement: judged(attempts), ...shape, ...changes });
    expect(of(one)).toMatchObject({ firstScore: 5, lastScore: 50 });
    expect(of(one, { margin: 45 })).toBe("not improved");
    expect(of(one, { margin: 45, improved: false })).toMatchObject({ lastScore: 50 });
    expect(of(two)).toBe("more than one restart");
    expect(of(two, { restarts: "first" })).toMatchObject({
      lastScore: 60,
      regions: {
        "off-topic": { start: 0, end: 1 },
        correction: { start: 1, end: 2 },
        "on-topic": { start: 2, end: 5 },
      },
    });
    expect(of(one.slice(0, 1))).toBe("no restart");
    expect(of(one.map((each) => ({ ...each, restartPhrase: null })))).toBe("restart without wording");
    expect(of(one.map((each, i) => ({ ...each, score: i === 0 ? null : 3 })))).toBe("not scored");
    expect(episodeRegions({ trial, judgement: null, ...shape })).toBe("not judged");
    expect(episodeRegions({ trial: { ...trial, error: "so" }, judgement: null, ...shape })).toBe("failed");
  });
});

describe("rows of an answer", () => {
  const trial = { promptTokens: 2, tokens: Int32Array.of(7, 8, 9) };
  const recording = { rows: 4, columns: [5, 6], values: Float32Array.of(0, 0, 0, 0, 1, 10, 3, 30) };

  test("begin behind the prompt, and the last sampled token has none", () => {
    const rows = answerRows({ trial, recording });
    expect([0, 1, 2].map((token) => rows.value({ token, latent: 6 }))).toEqual([10, 30, null]);
    expect(rows.value({ token: -1, latent: 6 })).toBeNull();
    expect(rows.value({ token: 0, latent: 99 })).toBeNull();
  });

  test("are averaged over those that are there, and a span without one has no mean", () => {
    const rows = answerRows({ trial, recording });
    const mean = (start: number, end: number) => meanOver({ rows, latent: 5, span: { start, end } });
    expect(mean(0, 3)).toBe(2);
    expect(mean(2, 3)).toBeNull();
    expect(mean(1, 1)).toBeNull();
  });
});
