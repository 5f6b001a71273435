/** Numbers from the command line: parsers for commander's options that accept numbers and nothing that merely looks like one. */
import { CountersteerError } from "../errors.ts";

export interface NumberRule {
  /** The option as the user wrote it, for the message: `--strength`. */
  flag: string;
  min?: number;
  max?: number;
}

const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A parser of whole numbers; CONFIG_INVALID for anything else. */
export function wholeNumber(rule: NumberRule): (text: string) => number {
  return (text) => {
    const value = WHOLE.test(text) ? Number(text) : Number.NaN;
    return inRange({
      value: Number.isSafeInteger(value) ? value : Number.NaN,
      text,
      rule,
      kind: "a whole number",
    });
  };
}

/** A parser of finite decimal numbers; CONFIG_INVALID for anything else. */
export function realNumber(rule: NumberRule): (text: string) => number {
  return (text) =>
    inRange({ value: REAL.test(text) ? Number(text) : Number.NaN, text, rule, kind: "a number" });
}

/** A parser of whole numbers separated by commas, at least one, none twice. */
export function wholeNumbers(rule: NumberRule): (text: string) => number[] {
  const parse = wholeNumber(rule);
  return (text) => {
    const values = text.split(",").map((part) => parse(part.trim()));
    const twice = values.find((value, at) => values.indexOf(value) !== at);
    if (twice !== undefined) {
      throw invalid({ rule, text, why: `${twice} stands in it twice.` });
    }
    return values;
  };
}

function inRange({
  value,
  text,
  rule,
  kind,
}: {
  value: number;
  text: string;
  rule: NumberRule;
  kind: string;
}): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule;
  if (Number.isFinite(value) && value >= min && value <= max) {
    // "-0" is 0, and not a number that equals 0 and is written otherwise
    return value === 0 ? 0 : value;
  }
  const lower = min === Number.NEGATIVE_INFINITY ? "" : ` of at least ${min}`;
  const upper = max === Number.POSITIVE_INFINITY ? "" : `${lower === "" ? " of" : " and"} at most ${max}`;
  throw invalid({ rule, text, why: `It takes ${kind}${lower}${upper}.` });
}

function invalid({ rule, text, why }: { rule: NumberRule; text: string; why: string }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${rule.flag} can't be "${text}".`,
    why,
    todo: `Correct ${rule.flag}.`,
    facts: { option: rule.flag, value: text },
  });
}
