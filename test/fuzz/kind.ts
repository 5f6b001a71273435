/** What a kind of bad input has to say for itself; `loop.ts` does the rest. */
import type { Draw } from "../support/mutate.ts";

/** What became of an input: the code with which it was refused, or null where it was accepted and found right. */
export type Verdict = string | null;

export interface OpenKind {
  /** How many whole inputs there are. Each of them must be accepted as it is. */
  wholes: number;
  /**
   * One input, damaged by the draws, or as it is where there are none. A thrown `CountersteerError` is a refusal too; anything else that is
   * thrown is a failure: the reader broke, or accepted what isn't right.
   */
  read: (input: { whole: number; draw: Draw | null }) => Promise<Verdict>;
  close?: () => Promise<void>;
}

export interface Kind {
  name: string;
  /** For a reader of the table: what is damaged, and what an accepted input has to show. */
  input: string;
  right: string;
  /** Codes that a refusal may have. */
  codes: RegExp;
  /** Share of the cases: some are opened in processes of their own. @default 1 */
  share?: number;
  open: (folder: string) => Promise<OpenKind>;
}
