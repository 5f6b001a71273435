/** What tokens look like, one by one. */
import type { Engine } from "../engine/engine.ts";

/** Questions to the engine at once. */
const AT_ONCE = 256;

export interface TokenTexts {
  /** The token's text with its leading space; of a control token the name, for example `<|im_end|>`, or "" where no one knows it. */
  of(token: number): string;
  isControl(token: number): boolean;
}

export interface ReadTokenTextsOptions {
  engine: Engine;
  tokens: Iterable<number>;
  /** The vocabulary as the tokenizer spells it, if known: it has the names of control tokens. */
  names?: readonly string[];
}

export async function readTokenTexts({
  engine,
  tokens,
  names = [],
}: ReadTokenTextsOptions): Promise<TokenTexts> {
  const wanted = [...new Set(tokens)];
  const texts = new Map<number, string>();
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const some = wanted.slice(start, start + AT_ONCE);
    const answers = await Promise.all(some.map((token) => engine.detokenize(Int32Array.of(token))));
    some.forEach((token, i) => {
      texts.set(token, answers[i] ?? "");
    });
  }
  return {
    of: (token) => texts.get(token) || (names[token] ?? ""),
    isControl: (token) => (texts.get(token) ?? "") === "",
  };
}
