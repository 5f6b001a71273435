/**
 * Reads GBNF, llama.cpp's grammar notation, so that a bad grammar is refused by place and reason before an engine process sees it: the
 * library prints its parse errors to a log and answers with nothing. Token rules (`<...>`) are not part of the subset read here.
 */
import { CountersteerError } from "../errors.ts";

/** Inclusive code points. */
export type CodeRange = [low: number, high: number];

export type GbnfItem =
  | { kind: "chars"; ranges: CodeRange[]; negated: boolean }
  | { kind: "rule"; name: string; at: number }
  | { kind: "group"; alternatives: GbnfItem[][] }
  /** `max` is null where there is no end to it. */
  | { kind: "repeat"; item: GbnfItem; min: number; max: number | null };

/** Rules by name, each a list of alternatives, each a sequence. */
export type GbnfGrammar = ReadonlyMap<string, GbnfItem[][]>;

/** The library expands a repetition into as many rules, and stops at 2000. */
export const MAX_REPETITIONS = 1999;
const MAX_NESTING = 64;
const MAX_CODE_POINT = 0x10ffff;
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  t: 9,
  r: 13,
  n: 10,
  "\\": 92,
  '"': 34,
  "[": 91,
  "]": 93,
  "-": 45,
};
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads a grammar; not checked for undefined rules or left recursion (see `checkGbnf`). Throws REQUEST_INVALID with line and column. */
export function parseGbnf(source: string): GbnfGrammar {
  return new Parser(source).grammar();
}

/** The refusal of a grammar, at a UTF-16 offset of its source. */
export function grammarError({ source, at, why }: { source: string; at: number; why: string }) {
  const before = source.slice(0, at).split("\n");
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  return new CountersteerError("REQUEST_INVALID", {
    what: "The grammar can't be used.",
    why: `Line ${line}, column ${column}: ${why}.`,
    todo: "Correct the GBNF grammar; its start rule is `root`.",
    facts: { line, column, why },
  });
}

class Parser {
  readonly #source: string;
  #at = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    const nul = source.indexOf("\0");
    if (nul >= 0) {
      this.#fail("a NUL character ends the text for the library", nul);
    }
  }

  grammar(): GbnfGrammar {
    const rules = new Map<string, GbnfItem[][]>();
    this.#space(true);
    while (this.#at < this.#source.length) {
      const name = this.#name("a rule's name");
      this.#space(false);
      if (!this.#source.startsWith("::=", this.#at)) {
        this.#fail("`::=` is missing");
      }
      this.#at += 3;
      this.#space(true);
      // the library keeps the last of several definitions
      rules.set(name, this.#alternatives(false));
      if (this.#at < this.#source.length && !/[\r\n]/.test(this.#peek())) {
        this.#fail("a new line or the end is missing");
      }
      this.#space(true);
    }
    return rules;
  }

  #alternatives(nested: boolean): GbnfItem[][] {
    const alternatives = [this.#sequence(nested)];
    while (this.#peek() === "|") {
      this.#at++;
      this.#space(true);
      alternatives.push(this.#sequence(nested));
    }
    return alternatives;
  }

  #sequence(nested: boolean): GbnfItem[] {
    const items: GbnfItem[] = [];
    for (;;) {
      const item = this.#item();
      if (item === null) {
        return items;
      }
      this.#space(nested);
      items.push(this.#repeated(item, nested));
    }
  }

  #item(): GbnfItem | null {
    const first = this.#peek();
    const at = this.#at;
    if (first === '"') {
      return this.#literal();
    }
    if (first === "[") {
      return this.#charClass();
    }
    if (first === "(") {
      return this.#group();
    }
    if (first === ".") {
      this.#at++;
      return { kind: "chars", ranges: [[0, MAX_CODE_POINT]], negated: false };
    }
    if (first === "<" || first === "!") {
      this.#fail("rules over token ids are not supported");
    }
    if (/[*+?{]/.test(first)) {
      this.#fail(`nothing stands before \`${first}\``);
    }
    return /[\w-]/.test(first) && first !== "_"
      ? { kind: "rule", name: this.#name("a rule's name"), at }
      : null;
  }

  #repeated(item: GbnfItem, nested: boolean): GbnfItem {
    let result = item;
    for (;;) {
      const sign = this.#peek();
      const at = this.#at;
      let [min, max]: [number, number | null] = [0, null];
      if (sign === "*" || sign === "+" || sign === "?") {
        this.#at++;
        min = sign === "+" ? 1 : 0;
        max = sign === "?" ? 1 : null;
      } else if (sign === "{") {
        [min, max] = this.#bounds(nested);
      } else {
        return result;
      }
      if (Math.max(min, max ?? 0) > MAX_REPETITIONS) {
        this.#fail(`more than ${MAX_REPETITIONS} repetitions`, at);
      }
      if (max !== null && max < min) {
        this.#fail(`the repetition ends at ${max} before it begins at ${min}`, at);
      }
      this.#space(nested);
      result = { kind: "repeat", item: result, min, max };
    }
  }

  #bounds(nested: boolean): [number, number | null] {
    this.#at++;
    this.#space(nested);
    const min = this.#integer();
    this.#space(nested);
    let max: number | null = min;
    if (this.#peek() === ",") {
      this.#at++;
      this.#space(nested);
      max = /\d/.test(this.#peek()) ? this.#integer() : null;
      this.#space(nested);
    }
    this.#expect("}");
    return [min, max];
  }

  #literal(): GbnfItem {
    this.#at++;
    const items: GbnfItem[] = [];
    while (this.#peek() !== '"') {
      const code = this.#char();
      items.push({ kind: "chars", ranges: [[code, code]], negated: false });
    }
    this.#at++;
    return { kind: "group", alternatives: [items] };
  }

  #charClass(): GbnfItem {
    this.#at++;
    const negated = this.#peek() === "^";
    if (negated) {
      this.#at++;
    }
    const ranges: CodeRange[] = [];
    while (this.#peek() !== "]") {
      const low = this.#char();
      let high = low;
      if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at++;
        high = this.#char();
      }
      ranges.push([low, high]);
    }
    if (ranges.length === 0) {
      this.#fail("a class of no characters");
    }
    this.#at++;
    return { kind: "chars", ranges, negated };
  }

  #group(): GbnfItem {
    if (++this.#nesting > MAX_NESTING) {
      this.#fail(`more than ${MAX_NESTING} groups inside one another`);
    }
    this.#at++;
    this.#space(true);
    const alternatives = this.#alternatives(true);
    this.#expect(")");
    this.#nesting--;
    return { kind: "group", alternatives };
  }

  #char(): number {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) {
      this.#fail("the grammar ends in the middle of characters");
    }
    if (code !== 92) {
      this.#at += code > 0xffff ? 2 : 1;
      return code;
    }
    const letter = this.#source[this.#at + 1] ?? "";
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const digits = HEX_ESCAPES[letter];
    const hex = digits === undefined ? "" : this.#source.slice(this.#at + 2, this.#at + 2 + digits);
    if (digits === undefined || hex.length < digits || !/^[\da-f]+$/i.test(hex)) {
      this.#fail(`the escape \\${letter} is unknown or cut short`);
    }
    this.#at += 2 + digits;
    return Number.parseInt(hex, 16);
  }

  #integer(): number {
    const digits = /^\d+/.exec(this.#source.slice(this.#at, this.#at + 16))?.[0];
    if (digits === undefined) {
      this.#fail("a whole number is missing");
    }
    this.#at += digits.length;
    return Number(digits);
  }

  #name(what: string): string {
    const start = this.#at;
    while (/[a-zA-Z\d-]/.test(this.#peek())) {
      this.#at++;
    }
    if (this.#at === start) {
      this.#fail(`${what} is missing`);
    }
    return this.#source.slice(start, this.#at);
  }

  #expect(sign: string): void {
    if (this.#peek() !== sign) {
      this.#fail(`\`${sign}\` is missing`);
    }
    this.#at++;
  }

  /** White space and comments; within a rule's outer level a new line ends the rule. */
  #space(newLines: boolean): void {
    const pattern = newLines ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y;
    pattern.lastIndex = this.#at;
    this.#at += pattern.exec(this.#source)?.[0].length ?? 0;
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #fail(why: string, at = this.#at): never {
    throw grammarError({ source: this.#source, at, why });
  }
}
