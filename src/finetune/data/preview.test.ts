import { expect, test } from "vitest";
import { correction, normalRecord } from "../../../test/support/finetune-records.ts";
import { chooseForPreview, previewText } from "./preview.ts";

test("exactly the masked text is marked", () => {
  const text = previewText({ record: correction() });
  expect(text).toContain(
    "\u27E6The dragon slept on its gold in a cave beneath the mountain.\u27E7 Scratch that.",
  );
  expect(previewText({ record: normalRecord() })).not.toContain("\u27E6");
});

test("a mark of one's own replaces the brackets", () => {
  const text = previewText({ record: correction(), mask: (masked) => `<dim>${masked}</dim>` });
  expect(text).toContain("<dim>The dragon slept on its gold in a cave beneath the mountain.</dim>");
  expect(text).not.toContain("\u27E6");
});

test("so many examples, spread over the file and in its order", () => {
  const records = Array.from({ length: 10 }, (_, i) => normalRecord({ id: `n${i}` }));
  expect(chooseForPreview({ records, count: 3 }).map(({ id }) => id)).toEqual(["n0", "n3", "n6"]);
  expect(chooseForPreview({ records, count: 50 })).toHaveLength(10);
  expect(chooseForPreview({ records, count: 0 })).toEqual([]);
});
