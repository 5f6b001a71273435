import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitRestarts } from "../../judge/restart-splitter.ts";
import { assemble } from "./assemble.ts";
import { answerOf, recordSchema } from "./record.ts";

const PROMPTS = ["How do you boil an egg?", "How do you fold a crane?", "Explain how to mow a lawn."];
const answers = new Map(
  PROMPTS.map((prompt, i) => [
    prompt,
    [0, 1].map((k) => `Take ${i + 2} of them, then ${k + 4} more, and go on with care.`),
  ]),
);
const splits = new Map(
  PROMPTS.map((prompt, i) => [prompt, i === 2 ? ("validation" as const) : ("train" as const)]),
);
const starts = Array.from({ length: 12 }, (_, i) => ({
  prompt: PROMPTS[i % 3] ?? "",
  text: `The dragon number ${i} slept on its gold beneath the mountain.`,
  steering: { latent: i, strength: 70 },
}));
const made = (over: Partial<Parameters<typeof assemble>[0]> = {}) =>
  assemble({ starts, answers, splits, selfCorrections: 9, normal: 5, seed: 3, ...over });

describe("assemble", () => {
  test("every record is valid, ids come once, and the split is the prompt's", () => {
    const { records } = made();
    expect(records.map((record) => recordSchema.safeParse(record).success)).not.toContain(false);
    expect(new Set(records.map(({ id }) => id)).size).toBe(14);
    for (const { prompt, split } of records) expect(split).toBe(splits.get(prompt));
  });

  test("of a self-correction exactly the start is masked, and our splitter finds the restart where the mask ends", () => {
    fc.assert(
      fc.property(fc.nat(500), (seed) => {
        for (const record of made({ seed }).records.filter(({ kind }) => kind === "self-correction")) {
          const [start, rest, ...more] = record.segments;
          expect([start?.trained, rest?.trained, more.length]).toEqual([false, true, 0]);
          const { attempts } = splitRestarts(answerOf(record));
          expect(attempts).toHaveLength(2);
          expect(answerOf(record).slice(0, attempts[1]?.start).trimEnd()).toBe(start?.text);
          expect(attempts[1]?.restartPhrase).toBe(record.acknowledgement?.text);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("no normal answer comes twice, however many are wanted", () => {
    const normal = made({ normal: 100 }).records.filter(({ kind }) => kind === "normal");
    expect(normal).toHaveLength(6);
    expect(new Set(normal.map(answerOf)).size).toBe(6);
  });

  test("a start without an answer, or with wording of its own that restarts, is dropped and counted", () => {
    const bad = [
      { prompt: "unknown", text: "Nothing to see here at all." },
      { prompt: PROMPTS[0] ?? "", text: "The dragon slept. Sorry, I got distracted. The gold was cold." },
    ];
    const { records, tally } = made({ starts: bad });
    expect(records.filter(({ kind }) => kind === "self-correction")).toEqual([]);
    expect(tally).toEqual({ made: 2, kept: 0, dropped: { "no-answer": 1, "restart-not-found": 1 } });
  });
});
