import { expect, test } from "vitest";
import type { FinetuneRecord } from "../data/record.ts";
import type { Tokeniser } from "./end-of-turn.ts";
import { tokeniseRecords } from "./tokenise-records.ts";

const CONTROL = ["<bos>", "<user>", "<assistant>", "<end>", "<eos>"];
const TEMPLATE =
  "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

/** One token a character, and control tokens as the engine has them: recognised in text, without a text of their own. */
function tokeniser({ template = TEMPLATE, eosText = "<eos>" } = {}): Tokeniser {
  const pattern = new RegExp(`${CONTROL.join("|")}|[^]`, "gu");
  return {
    // only these fields of a model's facts are read
    info: { chatTemplate: template, bosText: "<bos>", eosText } as Tokeniser["info"],
    async tokenize(text) {
      return Int32Array.from(text.match(pattern) ?? [], (piece) => {
        const control = CONTROL.indexOf(piece);
        return control === -1 ? (piece.codePointAt(0) ?? 0) : -1 - control;
      });
    },
    detokenize: async (tokens) => [...tokens].map((t) => (t < 0 ? "" : String.fromCodePoint(t))).join(""),
  };
}

function record(segments: FinetuneRecord["segments"]): FinetuneRecord {
  return { id: "r", kind: "self-correction", prompt: "Why?", segments, split: "train" };
}

const CORRECTION = [
  { text: "Cats.", trained: false },
  { text: " Wait, no. Rain.", trained: true },
];

/** The tokens as text, control tokens as they are written in templates. */
function shown(tokens: ArrayLike<number>): string {
  return Array.from(tokens, (t) => (t < 0 ? CONTROL[-1 - t] : String.fromCodePoint(t))).join("");
}

test("an example is the rendered chat, the whole answer and the end of the turn; BOS comes once", async () => {
  const [example] = await tokeniseRecords({ engine: tokeniser(), records: [record(CORRECTION)] });
  const text = shown(example?.tokens ?? []);
  expect(text).toBe("<bos><user>Why?<end><assistant>Cats. Wait, no. Rain.<end>");
  expect(text.split("<bos>")).toHaveLength(2);
});

test("trained are exactly the tokens of the trained segments and the end of the turn", async () => {
  const [example] = await tokeniseRecords({ engine: tokeniser(), records: [record(CORRECTION)] });
  const trained = example?.tokens.filter((_token, i) => example.trained[i] === 1) ?? [];
  expect(shown(trained)).toBe(" Wait, no. Rain.<end>");
  expect(example?.trained).toHaveLength(example?.tokens.length ?? 0);
});

test("where the template writes nothing after an answer, the model's end of sequence ends it", async () => {
  const template = "{% for m in messages %}{{ m.content }}{% endfor %}";
  const [example] = await tokeniseRecords({
    engine: tokeniser({ template }),
    records: [record(CORRECTION)],
  });
  expect(shown(example?.tokens ?? [])).toBe("Why?Cats. Wait, no. Rain.<eos>");
});

test("a model without any end is refused", async () => {
  const engine = tokeniser({ template: "{{ messages[0].content }}", eosText: "" });
  await expect(tokeniseRecords({ engine, records: [record(CORRECTION)] })).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
  });
});

test.each([
  ["an end of turn within the text", [{ text: "Yes.<end>", trained: true }]],
  ["a mask over the whole answer", [{ text: "Cats.", trained: false }]],
])("refuses %s, naming the example", async (_, segments) => {
  const records = [record(CORRECTION), { ...record(segments), id: "bad" }];
  await expect(tokeniseRecords({ engine: tokeniser(), records })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    facts: { example: "bad" },
  });
});
