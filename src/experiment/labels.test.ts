/** Sheets out to people and back in, over stored runs. The sheet's own format is tested in `judge/human/label-sheet.test.ts`. */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { describe, expect, test } from "vitest";
import { makeResponsesRun, RESTART } from "../../test/support/responses-run.ts";
import { attemptRecords, judgementRecord } from "../../test/support/run-records.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { RunStore } from "../store/run-store.ts";
import { exportLabels } from "./export-labels.ts";
import { importLabels } from "./import-labels.ts";

type Row = Record<string, string>;

const rowsOf = (text: string): Row[] => parse(text, { columns: true, bom: true });
const isMulti = (key: string) => Number(key.slice("trial-".length)) % 3 === 0;

/** The run's judge sees each third response start over. */
async function newRun(responses = 60) {
  const folder = await temporaryFolder();
  const store = makeResponsesRun({ dir: folder.path, responses });
  for (const trialKey of store.trialKeys({ failed: false })) {
    const attempts = attemptRecords(isMulti(trialKey) ? [10, 80] : [40]);
    store.putJudgement(judgementRecord({ trialKey, attempts }));
  }
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** As a person fills it in: one score, and two where the text starts over. */
function filled(text: string, first = "20"): string {
  const rows = rowsOf(text).map((row) =>
    row.response?.includes(RESTART)
      ? { ...row, restarts: RESTART, scores: `${first}\n90` }
      : { ...row, scores: first },
  );
  return stringify(rows, { header: true });
}

const labelled = (store: RunStore, judge = "human-ada/1") => [...store.judgements({ judge })];
const sheet = { file: "sheet.csv", name: "ada" };

describe("a sheet of a run", () => {
  test("has the share of multi-attempt responses that was asked for, and is filled up where there are too few", async () => {
    await using run = await newRun();
    const { store } = run;
    const counts = (options: { sample: number; multiShare?: number; arm?: string }) => {
      const { rows, multiAttempt, others, text } = exportLabels({ store, ...options });
      const keys = rowsOf(text).map(({ trial = "" }) => trial);
      expect(keys.filter(isMulti)).toHaveLength(multiAttempt);
      expect(new Set(keys).size).toBe(rows);
      return [multiAttempt, others];
    };
    expect(counts({ sample: 20 })).toEqual([10, 10]);
    expect(counts({ sample: 20, multiShare: 0.25 })).toEqual([5, 15]);
    expect(counts({ sample: 50 })).toEqual([20, 30]);
    expect(counts({ sample: 55, multiShare: 0 })).toEqual([15, 40]);
    expect(counts({ sample: 1000 })).toEqual([20, 40]);
    expect(counts({ sample: 1000, arm: "steered" })).toEqual([10, 20]);
  });

  test("is blind: it names neither arm nor latent, nor what a judge said", async () => {
    await using run = await newRun();
    const { text } = exportLabels({ store: run.store, sample: 20 });
    const [row = {}] = rowsOf(text);
    expect(Object.keys(row)).toEqual(["trial", "prompt", "response", "restarts", "scores", "comment"]);
    for (const word of ["steered", "subject", "likelihood"]) expect(text).not.toContain(word);
  });

  test("comes back as the judgements of a person, once", async () => {
    await using run = await newRun();
    const { text } = exportLabels({ store: run.store, sample: 20 });
    const first = importLabels({ store: run.store, text: filled(text), ...sheet });
    expect(first).toEqual({ judge: "human-ada/1", added: 20, changed: 0, unchanged: 0 });
    const again = importLabels({ store: run.store, text: filled(text), ...sheet });
    expect(again).toMatchObject({ added: 0, changed: 0, unchanged: 20 });
    const judgements = labelled(run.store);
    expect(judgements).toHaveLength(20);
    for (const { trialKey, attempts } of judgements) {
      expect(attempts.map(({ score }) => score)).toEqual(isMulti(trialKey) ? [20, 90] : [20]);
    }
  });

  test("that was corrected counts, and what was said before is kept", async () => {
    await using run = await newRun();
    const { text } = exportLabels({ store: run.store, sample: 4 });
    importLabels({ store: run.store, text: filled(text), ...sheet });
    const rows = rowsOf(filled(text)).map((row, i) =>
      i === 0 ? { ...row, restarts: "", scores: "75" } : row,
    );
    const corrected = stringify(rows, { header: true });
    expect(importLabels({ store: run.store, text: corrected, ...sheet })).toMatchObject({
      changed: 1,
      unchanged: 3,
    });
    const trialKey = rows[0]?.trial ?? "";
    expect(run.store.judgement({ trialKey, judge: "human-ada/1" })).toMatchObject({
      repeat: 1,
      attempts: [{ score: 75 }],
    });
    expect(labelled(run.store)).toHaveLength(5);
  });

  test("with one wrong row stores nothing, and the row is named", async () => {
    await using run = await newRun();
    const { text } = exportLabels({ store: run.store, sample: 6 });
    const rows = rowsOf(filled(text)).map((row, i) => (i === 3 ? { ...row, scores: "many" } : row));
    expect(() =>
      importLabels({ store: run.store, text: stringify(rows, { header: true }), ...sheet }),
    ).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", facts: { file: "sheet.csv", row: 5 } }));
    expect(labelled(run.store)).toEqual([]);
  });

  test("of a name that could be mistaken for another judge is refused", async () => {
    await using run = await newRun();
    for (const name of ["", "ada/2", "ada, bob", "ada#1"]) {
      expect(() => importLabels({ store: run.store, text: "", file: "sheet.csv", name })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    }
  });
});
