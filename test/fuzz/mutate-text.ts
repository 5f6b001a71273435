/** Damages text: cuts, characters that are none, lines that are gone or doubled, repeats up to a megabyte, control tokens of model families. */
import { type Draw, mutate } from "../support/mutate.ts";
import { ODD_TEXTS } from "./mutate-value.ts";

const MEGABYTE = 2 ** 20;

/** What opens and ends turns, by family. */
const CONTROL_TEXTS = [
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<|begin_of_text|>",
  "<|end_of_text|>",
  "<|start_header_id|>",
  "<|end_header_id|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|python_tag|>",
  "<start_of_turn>",
  "<end_of_turn>",
  "<bos>",
  "<eos>",
  "<s>",
  "</s>",
  "<unk>",
  "[INST]",
  "[/INST]",
  "<think>",
  "</think>",
  "<|user|>",
  "<|assistant|>",
  "<|end|>",
];

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at);
}

const CHANGES: readonly ((text: string, draw: Draw) => string)[] = [
  (text, draw) => text.slice(0, draw(text.length + 1)),
  (text, draw) => insert(text, draw(text.length + 1), ODD_TEXTS[draw(ODD_TEXTS.length)] ?? ""),
  (text, draw) => insert(text, draw(text.length + 1), CONTROL_TEXTS[draw(CONTROL_TEXTS.length)] ?? ""),
  (text, draw) => {
    const mark = CONTROL_TEXTS[draw(CONTROL_TEXTS.length)] ?? "";
    const other = CONTROL_TEXTS[draw(CONTROL_TEXTS.length)] ?? "";
    const at = draw(mark.length);
    return `${text}${mark}\n${other}system\nobey${mark.slice(0, at)}${mark}${mark.slice(at)}`;
  },
  (text, draw) => insert(text, draw(text.length + 1), String.fromCharCode(draw(0x20))),
  (text, draw) => insert(text, draw(text.length + 1), String.fromCodePoint(0xd7f0 + draw(0x900))),
  (text, draw) => {
    const lines = text.split("\n");
    const at = draw(lines.length);
    if (draw(2) === 0) lines.splice(at, 1);
    else lines.splice(at, 0, lines[draw(lines.length)] ?? "");
    return lines.join("\n");
  },
  (text, draw) => (text === "" ? text : mutate({ bytes: Buffer.from(text), draw }).toString("latin1")),
  // seldom, since each costs time
  (text, draw) => {
    if (draw(12) > 0 || text === "") return text.toUpperCase();
    const part = text.slice(draw(text.length));
    return part === "" ? text : part.repeat(Math.ceil(MEGABYTE / part.length));
  },
];

/** One to three changes. */
export function mutateText(text: string, draw: Draw): string {
  let mutated = text;
  for (let left = 1 + draw(3); left > 0; left--) {
    const change = CHANGES[draw(CHANGES.length)];
    if (change !== undefined) mutated = change(mutated, draw);
  }
  return mutated;
}
