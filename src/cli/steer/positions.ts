/** The `--positions` option: which rows are edited. */
import type { Positions } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";

/** `all`, `prompt`, `generated`, `A:B` (tokens from the first prompt token, B exclusive) or `until:phrase` (several: `until:one|two`). Throws CONFIG_INVALID. */
export function parsePositions(text: string): Positions {
  if (text === "all" || text === "prompt" || text === "generated") {
    return { kind: text };
  }
  const range = /^(\d+):(\d+)$/.exec(text);
  if (range !== null) {
    const [start, end] = [Number(range[1]), Number(range[2])];
    if (start >= end) {
      throw invalid(text, `The range ${text} holds no token: its end is exclusive.`);
    }
    return { kind: "range", start, end };
  }
  if (text.startsWith("until:")) {
    const phrases = text
      .slice("until:".length)
      .split("|")
      .map((phrase) => phrase.trim());
    if (phrases.some((phrase) => phrase === "")) {
      throw invalid(text, "A phrase of it is empty.");
    }
    return { kind: "until-phrase", phrases };
  }
  throw invalid(text, "It takes all, prompt, generated, a range of tokens such as 0:12, or until:phrase.");
}

function invalid(value: string, why: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `--positions can't be "${value}".`,
    why,
    todo: "Correct --positions.",
    facts: { option: "--positions", value },
  });
}
