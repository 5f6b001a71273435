import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLabelSheet, writeLabelSheet } from "./label-sheet.ts";

const response = 'Bees hum, "loudly".\nWait, let me start over. Mix flour, and water.';
const rows = [
  { trial: "t1", prompt: "How do I bake?", response },
  { trial: "t2", prompt: "How?", response: "=1+1 is what a spreadsheet computes" },
];
const responseOf = (trial: string) => rows.find((row) => row.trial === trial)?.response ?? null;

function filled(cells: Record<string, string>[]): string {
  return stringify(
    cells.map((each) => ({ prompt: "", response: "", restarts: "", comment: "", ...each })),
    { header: true },
  );
}
const read = (text: string) => readLabelSheet({ text, file: "labels.csv", name: "ada", responseOf });

describe("a sheet", () => {
  test("holds every response in full, and nothing that tells the arm or a score", () => {
    const sheet = writeLabelSheet({ rows, seed: 1 });
    expect(sheet).toContain('"Bees hum, ""loudly"".\nWait');
    expect(sheet.split("\n")[0]).toContain("trial,prompt,response,restarts,scores,comment");
    expect(sheet).toContain("'=1+1");
  });

  test("that nobody filled in has no labels", () => {
    expect(read(writeLabelSheet({ rows, seed: 1 }))).toEqual([]);
  });

  test("comes back whole from any text and order", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 12 }), fc.nat(), (texts, seed) => {
        const some = texts.map((each, i) => ({ trial: `t${i}`, prompt: each, response: `a${each}` }));
        const sheet = writeLabelSheet({ rows: some, seed });
        const back: Record<string, string>[] = parse(sheet, { columns: true, bom: true });
        expect(back.map(({ response: got }) => got).toSorted()).toEqual(
          some.map((row) => row.response).toSorted(),
        );
      }),
    );
  });
});

describe("labels", () => {
  test("become attempts of the stored response, whatever became of the sheet's copy", () => {
    const [label] = read(
      filled([
        {
          trial: "t1",
          response: "changed",
          restarts: "wait, let me start over",
          scores: "5\n80",
          comment: "clear",
        },
      ]),
    );
    expect(label?.judgement).toMatchObject({
      judge: "human-ada/1",
      status: "scored",
      detail: { comment: "clear" },
      attempts: [
        { start: 0, end: 20, restartPhrase: null, score: 5 },
        { start: 20, end: response.length, restartPhrase: "Wait, let me start over", score: 80 },
      ],
    });
  });

  test("may say that there is no attempt, and may be missing", () => {
    const labels = read(
      filled([
        { trial: "t1", scores: "-" },
        { trial: "t2", scores: "" },
      ]),
    );
    expect(labels.map(({ trial, judgement }) => [trial, judgement.status])).toEqual([["t1", "no-attempt"]]);
  });

  test.each([
    [
      "a restart that the response does not say",
      { trial: "t1", restarts: "never mind", scores: "5\n80" },
      "never mind",
    ],
    [
      "scores that are not one for each attempt",
      { trial: "t1", restarts: "", scores: "5;80" },
      "0 restarts and 2 scores",
    ],
    ["a score above 100", { trial: "t1", restarts: "", scores: "101" }, "101"],
    ["a word for a score", { trial: "t1", restarts: "", scores: "good" }, "good"],
    ["a trial of another run", { trial: "t9", restarts: "", scores: "5" }, "t9"],
  ])("%s is refused with its row", (_, cells, why) => {
    const text = filled([{ trial: "t2", scores: "40" }, cells]);
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        facts: { file: "labels.csv", row: 3 },
        why: expect.stringContaining(why),
      }),
    );
  });

  test("twice for one trial are refused", () => {
    const text = filled([
      { trial: "t1", scores: "40" },
      { trial: "t1", scores: "50" },
    ]);
    expect(() => read(text)).toThrow(expect.objectContaining({ why: expect.stringContaining("twice") }));
  });

  test.each(["", "not,a\nsheet", '"unclosed'])("%j is no sheet", (text) => {
    if (text === "") expect(read(text)).toEqual([]);
    else expect(() => read(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
