import { expect, test } from "vitest";
import { correction, normalRecord } from "../../../test/support/finetune-records.ts";
import { answerOf, recordSchema } from "./record.ts";

test("both kinds are records, and their segments make up the answer", () => {
  for (const record of [correction(), normalRecord()]) {
    expect(recordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(answerOf(record)).toBe(record.segments[0]?.text + (record.segments[1]?.text ?? ""));
  }
});

test.each([
  ["an unknown field", { ...normalRecord(), extra: 1 }],
  ["an empty segment", { ...normalRecord(), segments: [{ text: "", trained: true }] }],
  ["no segment", { ...normalRecord(), segments: [] }],
  ["nothing that is trained", { ...normalRecord(), segments: [{ text: "a", trained: false }] }],
  ["another split", { ...normalRecord(), split: "test" }],
])("%s is refused", (_, value) => {
  expect(recordSchema.safeParse(value).success).toBe(false);
});
