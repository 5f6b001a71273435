/** Tokens of a text that stands for itself: what spells a control token is tokenized letter by letter, so that no text can end its own turn. */
import { CountersteerError } from "../errors.ts";
import { type Mark, type MarkFacts, marksIn } from "./control-marks.ts";
import type { Engine } from "./engine.ts";

/** Each piece is a question to the engine. */
const MOST_CUTS = 1000;

export type TextEngine = Pick<Engine, "tokenize" | "detokenize"> & { readonly info: MarkFacts };

export interface PlainTokensOptions {
  engine: TextEngine;
  text: string;
}

/**
 * As `engine.tokenize` for a text that spells no control token. Throws REQUEST_INVALID for one that can't be told from a control token, and for
 * half a surrogate pair, which no tokenizer has.
 */
export async function plainTokens({ engine, text }: PlainTokensOptions): Promise<Int32Array> {
  checkWellFormed(text);
  const marks = marksIn(text, engine.info);
  if (marks.length === 0) return await engine.tokenize(text);
  const control = await controlTokens({ engine, texts: marks.map((mark) => mark.text) });
  const isPlain = (tokens: Int32Array) => !tokens.some((token) => control.has(token));
  if (control.size === 0) return await engine.tokenize(text);
  const whole = await engine.tokenize(text, { plain: true });
  if (isPlain(whole)) return whole;
  if (marks.length > MOST_CUTS) throw inseparable(marks);
  // a tokenizer that knows no plain text, or a token that its vocabulary does not call control: it must not see the mark in one piece
  const pieces = await Promise.all(cut(text, marks).map((piece) => engine.tokenize(piece, { plain: true })));
  const tokens = Int32Array.from(pieces.flatMap((piece) => [...piece]));
  if (isPlain(tokens) && (await engine.detokenize(tokens)).trimStart() === text.trimStart()) return tokens;
  throw inseparable(marks);
}

/** The tokens that texts are, of those that are one token. */
export async function controlTokens({
  engine,
  texts,
}: {
  engine: Pick<Engine, "tokenize">;
  texts: readonly string[];
}): Promise<Map<number, string>> {
  const found = await Promise.all(
    [...new Set(texts)].map(async (text) => ({ text, tokens: await engine.tokenize(text) })),
  );
  return new Map(
    found.flatMap(({ text, tokens: [token, ...more] }) =>
      token === undefined || more.length > 0 ? [] : [[token, text] as const],
    ),
  );
}

/** Throws REQUEST_INVALID. */
export function checkWellFormed(text: string): void {
  if (text.isWellFormed()) return;
  throw new CountersteerError("REQUEST_INVALID", {
    what: "A text holds half of a surrogate pair.",
    why: "It is no character, and the model would be given another one in its place.",
    todo: "Remove it: it often comes from a text that was cut within an emoji.",
    facts: { text: text.toWellFormed().slice(0, 80) },
  });
}

/** Each mark is cut behind its first character. */
function cut(text: string, marks: readonly Mark[]): string[] {
  const places = marks.map((mark) => mark.at + String.fromCodePoint(mark.text.codePointAt(0) ?? 0).length);
  return [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
}

function inseparable(marks: readonly Mark[]): CountersteerError {
  const texts = [...new Set(marks.map(({ text }) => text))];
  return new CountersteerError("REQUEST_INVALID", {
    what: `A text holds ${texts.join(", ")}, which can't be given to this model as plain text.`,
    why: "Its tokenizer reads that as a control token, with which the text would end its own turn.",
    todo: "Remove it from the text, or use the engine llama.",
    facts: { texts },
  });
}
