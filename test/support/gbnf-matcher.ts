/** Whether a grammar allows a text: a recogniser that is slow, and independent of llama.cpp's. */
import type { GbnfGrammar, GbnfItem } from "../../src/engine/gbnf.ts";

export function matchesGbnf({ grammar, text }: { grammar: GbnfGrammar; text: string }): boolean {
  const codes = Array.from(text, (sign) => sign.codePointAt(0) ?? 0);
  const known = new Map<string, Set<number>>();

  const endsOfRule = (name: string, from: number): Set<number> => {
    const key = `${name}:${from}`;
    const ends = known.get(key) ?? endsOfAny(grammar.get(name) ?? [], from);
    known.set(key, ends);
    return ends;
  };
  const endsOfAny = (alternatives: GbnfItem[][], from: number): Set<number> =>
    new Set(
      alternatives.flatMap((sequence) => [
        ...sequence.reduce((starts, item) => endsOfEach(item, starts), new Set([from])),
      ]),
    );
  const endsOfEach = (item: GbnfItem, starts: Set<number>): Set<number> =>
    new Set([...starts].flatMap((start) => [...endsOf(item, start)]));
  const endsOf = (item: GbnfItem, from: number): Set<number> => {
    switch (item.kind) {
      case "chars": {
        const code = codes[from];
        const inside = item.ranges.some(([low, high]) => code !== undefined && low <= code && code <= high);
        return new Set(code !== undefined && inside !== item.negated ? [from + 1] : []);
      }
      case "rule":
        return endsOfRule(item.name, from);
      case "group":
        return endsOfAny(item.alternatives, from);
      case "repeat": {
        let starts = new Set([from]);
        const ends = new Set<number>(item.min === 0 ? starts : []);
        for (let i = 1; i <= (item.max ?? codes.length + 1) && starts.size > 0; i++) {
          starts = endsOfEach(item.item, starts);
          if (i >= item.min) for (const start of starts) ends.add(start);
        }
        return ends;
      }
      default:
        item satisfies never;
        return new Set();
    }
  };
  return endsOfRule("root", 0).has(codes.length);
}
