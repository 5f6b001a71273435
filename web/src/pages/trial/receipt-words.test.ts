import { expect, it } from "vitest";
import { receiptWords } from "./receipt-words.ts";

const receipt = {
  layer: 15,
  rowsEdited: 222,
  promptRows: 63,
  generatedRows: 159,
  meanDose: 0.3673,
  meanNormBefore: 264.12,
  meanNormAfter: 277.83,
  edits: [
    { kind: "add" as const, latent: 5303, rowsChanged: 222, meanValueBefore: 2.77, meanValueAfter: 36.24 },
    { kind: "clamp" as const, latent: 8, rowsChanged: 2, meanValueBefore: 1, meanValueAfter: 0 },
  ],
};

it("tells rows, dose, norms and the value that was read back", () => {
  expect(receiptWords({ receipt, latent: 5303 })).toEqual([
    "222 rows of layer 15 were edited: 63 of the prompt, 159 of the answer.",
    "On average the edit moved a row by 36.7 % of its length, which went from 264.1 to 277.8.",
    "Read back, latent 5303 went from 2.77 to 36.24.",
  ]);
});

it("claims nothing of a latent that was not added", () => {
  expect(receiptWords({ receipt, latent: 8 })).toHaveLength(2);
});
