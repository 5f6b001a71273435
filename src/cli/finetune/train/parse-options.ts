/** Options of `finetune train` whose values are lists, ranges and numbers. */
import { Option } from "commander";
import { CountersteerError } from "../../../errors.ts";
import { MATRIX_NAMES, type MatrixName } from "../../../finetune/types.ts";
import { realNumber, wholeNumber } from "../../numbers.ts";
import { oneOfNames } from "../../one-of-names.ts";

interface NumberOptionFacts {
  flags: string;
  text: string;
  min?: number;
  max?: number;
}

/** A whole number. @param min 1 where nothing else is said */
export function wholeOption({ flags, text, min = 1, ...rest }: NumberOptionFacts): Option {
  return new Option(flags, text).argParser(wholeNumber({ flag: flagOf(flags), min, ...rest }));
}

/** A decimal number of at least 0. */
export function numberOption({ flags, text, ...rest }: NumberOptionFacts): Option {
  return new Option(flags, text).argParser(realNumber({ flag: flagOf(flags), min: 0, ...rest }));
}

function flagOf(flags: string): string {
  return flags.split(" ")[0] ?? flags;
}

/** `all`, or names separated by commas. Throws CONFIG_INVALID. */
export function matricesOf(text: string): "all" | MatrixName[] {
  if (text === "all") return "all";
  const parse = oneOfNames({ flag: "--matrices", names: MATRIX_NAMES });
  return text.split(",").map((name) => parse(name.trim()));
}

/** `all`, or blocks and ranges with both ends, separated by commas: `0-3,8`. Throws CONFIG_INVALID. */
export function layersOf(text: string): "all" | number[] {
  if (text === "all") return "all";
  const parse = wholeNumber({ flag: "--layers", min: 0, max: 9999 });
  return text.split(",").flatMap((part) => {
    const [first = "", last = first, ...more] = part.trim().split("-");
    const [from, to] = [parse(first), parse(last)];
    if (more.length > 0 || to < from)
      throw invalid({ flag: "--layers", text, takes: "blocks like 3 or 0-7,12" });
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** `40..90`, or one number for both ends. Throws CONFIG_INVALID. */
export function strengthRange(text: string): [number, number] {
  const flag = "--steer-strength";
  const [first = "", last = first, ...more] = text.split("..");
  if (more.length > 0) throw invalid({ flag, text, takes: "a range like 40..90" });
  const parse = realNumber({ flag });
  return [parse(first), parse(last)];
}

function invalid({ flag, text, takes }: { flag: string; text: string; takes: string }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${flag} can't be "${text}".`,
    why: `It takes ${takes}.`,
    todo: `Correct ${flag}.`,
    facts: { option: flag, value: text },
  });
}
