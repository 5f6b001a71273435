import { expect, test } from "vitest";
import { receiptRecord } from "../../test/support/run-records.ts";
import { receiptDifferences } from "./replay-trial.ts";

const stored = receiptRecord(0.5);

test("the last digit is no difference", () => {
  const replayed = { ...stored, meanDose: stored.meanDose * (1 + 1e-6) };
  expect(receiptDifferences({ stored, replayed })).toEqual([]);
  expect(receiptDifferences({ stored: null, replayed: null })).toEqual([]);
});

test("another dose, other rows, other values and no edit at all are differences", () => {
  const [edit] = stored.edits;
  if (edit === undefined) throw new Error("no edit");
  const cases: [Partial<typeof stored>, RegExp][] = [
    [{ meanDose: 0.6 }, /dose/],
    [{ promptRows: 23, generatedRows: 0 }, /prompt rows.*generated rows/],
    [{ meanNormAfter: 40 }, /norm after/],
    [{ edits: [{ ...edit, rowsChanged: 3 }] }, /rows changed by edit 1/],
    [{ edits: [{ ...edit, meanValueAfter: 0 }] }, /value after edit 1/],
    [{ edits: [] }, /edits 1, now 0/],
  ];
  for (const [changed, name] of cases) {
    const texts = receiptDifferences({ stored, replayed: { ...stored, ...changed } });
    expect(texts.join(" ")).toMatch(name);
  }
  expect(receiptDifferences({ stored, replayed: null })).toHaveLength(1);
});
