/** Texts on which a model that was trained should be as good as before: normal answers to prompts that validate, and plain prose. */

import { readFile } from "node:fs/promises";
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError, messageOf } from "../../errors.ts";
import { assetPath } from "../../sae/asset-path.ts";
import type { FinetuneRecord } from "../data/record.ts";
import { tokeniseRecords } from "../train/tokenise-records.ts";

/** A text of which the tokens from `from` on are measured. */
export interface HeldOutText {
  tokens: Int32Array;
  /** At least 1. */
  from: number;
  /** Texts that resemble each other have the same. */
  cluster: string;
}

export interface HeldOutSet {
  name: "answers" | "prose";
  texts: HeldOutText[];
}

/** Tokens of a text that are read at most; the rest is left out. */
export const LONGEST_TEXT = 512;

export interface HeldOutSetsOptions {
  engine: Pick<Engine, "info" | "tokenize" | "detokenize">;
  records: readonly FinetuneRecord[];
  /** Paragraphs of it are the texts of the prose. @default a text that is shipped */
  file?: string;
}

/** Without answers where the data hold none that validate. Throws CONFIG_INVALID for a file that can't be read or holds no text. */
export async function heldOutSets({ engine, records, file }: HeldOutSetsOptions): Promise<HeldOutSet[]> {
  const validating = records.filter(({ kind, split }) => kind === "normal" && split === "validation");
  const examples = await tokeniseRecords({ engine, records: validating });
  const answers = examples.flatMap(({ tokens, trained }, i): HeldOutText[] => {
    const from = trained.indexOf(1);
    return from < 1 || from >= LONGEST_TEXT
      ? []
      : [{ tokens: tokens.slice(0, LONGEST_TEXT), from, cluster: validating[i]?.prompt ?? "" }];
  });
  const bos = engine.info.addsBos ? await engine.tokenize(engine.info.bosText) : new Int32Array(0);
  const prose: HeldOutText[] = [];
  for (const [i, text] of (await paragraphs(file ?? assetPath("finetune/retention.txt"))).entries()) {
    const tokens = Int32Array.from([...bos, ...(await engine.tokenize(text))]).slice(0, LONGEST_TEXT);
    if (tokens.length > 1) prose.push({ tokens, from: Math.max(1, bos.length), cluster: String(i) });
  }
  return [
    ...(answers.length === 0 ? [] : [{ name: "answers", texts: answers } satisfies HeldOutSet]),
    { name: "prose", texts: prose },
  ];
}

async function paragraphs(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw unusable({ file, why: `${messageOf(cause)}.`, cause });
  }
  const found = text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
  if (found.length === 0) throw unusable({ file, why: "It holds no text." });
  return found;
}

function unusable({ file, why, cause }: { file: string; why: string; cause?: unknown }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} can't be used as held-out text.`,
    why,
    todo: "Give a UTF-8 text with blank lines between its paragraphs.",
    facts: { file },
    cause,
  });
}
