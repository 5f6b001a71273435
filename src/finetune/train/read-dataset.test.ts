import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readDataset } from "./read-dataset.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

function line(id: string, trained = true): string {
  const segments = [{ text: "Yes.", trained }];
  return JSON.stringify({ id, kind: "normal", prompt: "Why?", segments, split: "train" });
}

async function written(text: string): Promise<string> {
  const file = path.join(folder.path, "data.jsonl");
  await writeFile(file, text);
  return file;
}

test("a data set is its records in order, and the hash of its bytes", async () => {
  const text = `${line("a")}\n\n${line("b")}\n`;
  const { records, sha256 } = await readDataset({ file: await written(text) });
  expect(records.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(sha256).toBe(createHash("sha256").update(text).digest("hex"));
});

test.each([
  ["an empty file", "\n \n", "holds no examples"],
  ["a line that is no JSON", `${line("a")}\n{`, "Line 2"],
  ["a line that is no record", `${line("a")}\n\n{"id":"b"}`, "Line 3"],
  ["a mask that covers a whole answer", line("a", false), "no segment of the example is trained"],
  ["an id that comes twice", `${line("a")}\n${line("a")}`, "Lines 1 and 2"],
])("refuses %s", async (_, text, message) => {
  const file = await written(text);
  await expect(readDataset({ file })).rejects.toMatchObject({ code: "CONFIG_INVALID", facts: { file } });
  await expect(readDataset({ file })).rejects.toThrow(message);
});

test("refuses a file that isn't there", async () => {
  const file = path.join(folder.path, "none.jsonl");
  await expect(readDataset({ file })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
