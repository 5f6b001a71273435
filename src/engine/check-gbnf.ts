/** Refuses grammars that can't be followed: no start rule, a rule without a definition, a rule that begins with itself. */
import { type GbnfGrammar, type GbnfItem, grammarError, parseGbnf } from "./gbnf.ts";

/** Reads and checks a grammar. Throws REQUEST_INVALID naming what is wrong and where. */
export function checkGbnf(source: string): GbnfGrammar {
  const grammar = parseGbnf(source);
  if (!grammar.has("root")) {
    throw grammarError({ source, at: 0, why: "there is no rule named `root`" });
  }
  for (const alternatives of grammar.values()) {
    visitRules(alternatives, ({ name, at }) => {
      if (!grammar.has(name)) {
        throw grammarError({ source, at, why: `the rule \`${name}\` has no definition` });
      }
    });
  }
  refuseLeftRecursion(source, grammar);
  return grammar;
}

function visitRules(
  alternatives: GbnfItem[][],
  visit: (rule: Extract<GbnfItem, { kind: "rule" }>) => void,
): void {
  for (const item of alternatives.flat()) {
    if (item.kind === "rule") {
      visit(item);
    } else if (item.kind === "group") {
      visitRules(item.alternatives, visit);
    } else if (item.kind === "repeat") {
      visitRules([[item.item]], visit);
    }
  }
}

/** Rules that can stand for no text at all. */
function emptyRules(grammar: GbnfGrammar): (item: GbnfItem) => boolean {
  const empty = new Set<string>();
  const canBeEmpty = (item: GbnfItem): boolean => {
    switch (item.kind) {
      case "chars":
        return false;
      case "rule":
        return empty.has(item.name);
      case "group":
        return item.alternatives.some((sequence) => sequence.every(canBeEmpty));
      case "repeat":
        return item.min === 0 || canBeEmpty(item.item);
      default:
        item satisfies never;
        return false;
    }
  };
  for (let size = -1; size !== empty.size; ) {
    size = empty.size;
    for (const [name, alternatives] of grammar) {
      if (alternatives.some((sequence) => sequence.every(canBeEmpty))) {
        empty.add(name);
      }
    }
  }
  return canBeEmpty;
}

function refuseLeftRecursion(source: string, grammar: GbnfGrammar): void {
  const canBeEmpty = emptyRules(grammar);
  const refuse = (at: number, why: string): never => {
    throw grammarError({ source, at, why });
  };
  const firstRules = (alternatives: GbnfItem[][], found: Map<string, number>): void => {
    for (const sequence of alternatives) {
      for (const item of sequence) {
        if (item.kind === "rule") {
          found.set(item.name, item.at);
        } else if (item.kind === "group") {
          firstRules(item.alternatives, found);
        } else if (item.kind === "repeat") {
          // the library turns `x*` into a rule `x' ::= x x' |`, which begins with itself where x can be empty
          if (item.max === null && canBeEmpty(item.item)) {
            refuse(0, "something that can be empty is repeated without end");
          }
          firstRules([[item.item]], found);
        }
        if (!canBeEmpty(item)) {
          break;
        }
      }
    }
  };
  const firsts = new Map(
    [...grammar].map(([name, alternatives]) => {
      const found = new Map<string, number>();
      firstRules(alternatives, found);
      return [name, found] as const;
    }),
  );
  for (const [name, first] of firsts) {
    const reached = new Map(first);
    // a Map's iteration also sees what is added on the way
    for (const next of reached.keys()) {
      for (const [rule, at] of firsts.get(next) ?? []) {
        reached.set(rule, reached.get(rule) ?? at);
      }
    }
    const at = reached.get(name);
    if (at !== undefined) {
      refuse(at, `the rule \`${name}\` begins with itself`);
    }
  }
}
