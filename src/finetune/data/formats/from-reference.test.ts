import { describe, expect, test } from "vitest";
import { correction, normalRecord } from "../../../../test/support/finetune-records.ts";
import { isCode } from "../../../errors.ts";
import { recordsOfReference } from "./from-reference.ts";

const HEAD =
  "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023<|eot_id|>";
const frame = {
  before: (prompt: string) =>
    `${HEAD}<|start_header_id|>user<|end_header_id|>\n\n${prompt}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n`,
  end: "<|eot_id|>",
};
const axolotlLine = (record: ReturnType<typeof correction>) =>
  JSON.stringify({
    segments: [
      {
        label: false,
        text: frame.before(record.prompt) + (record.segments.length > 1 ? record.segments[0]?.text : ""),
      },
      { label: true, text: `${record.segments.at(-1)?.text}${frame.end}` },
    ],
  });

describe("recordsOfReference", () => {
  test("axolotl's lines give back what they were made of", () => {
    const text = `${axolotlLine(correction())}\n${axolotlLine(normalRecord())}\n`;
    const { records, tally } = recordsOfReference({ text, file: "x" });
    expect(records.map(({ kind, prompt, segments }) => ({ kind, prompt, segments }))).toEqual(
      [correction(), normalRecord()].map(({ kind, prompt, segments }) => ({ kind, prompt, segments })),
    );
    expect(records[0]?.acknowledgement?.text).toBe("Scratch that. Let me answer what you actually asked.");
    expect(tally).toEqual({ made: 2, kept: 2, dropped: {} });
  });

  test("an answer that was cut off, and text without a template, are dropped and counted", () => {
    const [cut, bare] = [axolotlLine(correction()), axolotlLine(normalRecord())];
    const text = `${cut.replace(/minutes\.<\|eot_id\|>/, "minu")}\n${bare.replaceAll("<|start_header_id|>", "")}`;
    const { records, tally } = recordsOfReference({ text, file: "x" });
    expect(records).toEqual([]);
    expect(tally.dropped).toEqual({ "no-end-of-turn": 1, "no-template": 1 });
  });

  test("a conversation is cut where its acknowledgement begins", () => {
    const answer = "Castles have moats.\n\nWait, that's not what you asked. Boil water and wait six minutes.";
    const chat = (content: string, metadata: Record<string, string>) => ({
      messages: [
        { role: "user", content: "How do you boil an egg?" },
        { role: "assistant", content },
      ],
      metadata,
    });
    const text = JSON.stringify([
      chat(answer, { generation_method: "prompted", model: "m", off_topic_subject: "castles" }),
      chat("Boil it.", { generation_method: "normal_response", model: "m" }),
      chat("Castles have moats and gates.", { generation_method: "prompted", model: "m" }),
    ]);
    const { records, tally } = recordsOfReference({ text, file: "x" });
    expect(records[0]).toMatchObject({
      kind: "self-correction",
      subject: "castles",
      segments: [
        { text: "Castles have moats.", trained: false },
        { text: answer.slice("Castles have moats.".length), trained: true },
      ],
    });
    expect(records[1]).toMatchObject({ kind: "normal", segments: [{ text: "Boil it.", trained: true }] });
    expect(tally.dropped).toEqual({ "no-acknowledgement": 1 });
  });

  test.each(["no json", '{"other":1}', "[1]", '[{"messages":[]}]'])("%s is refused", (text) => {
    let refusal: unknown;
    try {
      recordsOfReference({ text, file: "x" });
    } catch (error) {
      refusal = error;
    }
    expect(isCode(refusal, "CONFIG_INVALID")).toBe(true);
  });
});
