/**
 * The wording by which a response explicitly starts over (METHOD.md 6.1): it notices an error, asks to retry, admits a mistake, or returns
 * to the question. Elaborating and restating ("let me explain", "in other words") are not in it, and neither are instructions
 * to the reader ("start again from step 2"): almost every pattern needs the writer as its subject.
 * Patterns are tried where a clause begins, on lower-case text with straight apostrophes.
 */
import {
  ADMISSION,
  APOLOGY,
  ERROR_AFTER_ALERT,
  ERROR_NOTICED,
  MEANT_AFTER_ALERT,
  STRAYED,
  VERDICTS,
  WEAK_APOLOGY,
} from "./restart-errors.ts";
import { LABELS, RETURN, RETURN_AFTER_ALERT, START_OVER, WEAK_RESTART, WITHDRAWAL } from "./restart-moves.ts";

/** Changes whenever a pattern changes: attempts found by different grammars don't compare. */
export const GRAMMAR_VERSION = "2";

/**
 * - `strong`: a restart by itself.
 * - `label`: a restart by itself at the start of a sentence ("Correction:").
 * - `verdict`: a restart after an alert ("wait", "oops", "sorry") or "actually": without one, "that's not correct" may be about the subject matter.
 * - `alerted`: a restart after an alert.
 * - `weak`: joins a restart that stands directly beside it, and is none by itself.
 */
export type PatternStrength = "strong" | "label" | "verdict" | "alerted" | "weak";

export interface RestartPattern {
  strength: PatternStrength;
  /** An apology or admission, which people also write in letters. */
  apology: boolean;
  /** Sticky. */
  pattern: RegExp;
}

interface Group {
  strength: PatternStrength;
  apology: boolean;
  sources: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    strength: "strong",
    apology: false,
    sources: [...START_OVER, ...RETURN, ...ERROR_NOTICED, ...WITHDRAWAL, ...STRAYED],
  },
  { strength: "label", apology: false, sources: LABELS },
  { strength: "strong", apology: true, sources: [...ADMISSION, ...APOLOGY] },
  { strength: "verdict", apology: false, sources: VERDICTS },
  {
    strength: "alerted",
    apology: false,
    sources: [...RETURN_AFTER_ALERT, ...ERROR_AFTER_ALERT, ...MEANT_AFTER_ALERT],
  },
  { strength: "weak", apology: true, sources: [...WEAK_APOLOGY, ...VERDICTS] },
  { strength: "weak", apology: false, sources: WEAK_RESTART },
];

/** An apostrophe is often left out ("thats", "lets"). */
function withoutApostrophes(source: string): string {
  return source.replaceAll("'", "'?");
}

export const RESTART_PATTERNS: readonly RestartPattern[] = GROUPS.flatMap(({ strength, apology, sources }) =>
  sources.map((source) => ({ strength, apology, pattern: new RegExp(withoutApostrophes(source), "uy") })),
);
