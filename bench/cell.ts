/** A cell is one question to the machine: it measures, and leaves facts about the machine and storing to `run.ts`. */
import type { BenchResult } from "./result.ts";

export interface CellOptions {
  /** Measure as little as shows that everything works; such numbers mean nothing and are not stored. */
  smoke: boolean;
  log: (line: string) => void;
}

export type Measurement = Pick<BenchResult, "libraries" | "settings" | "runs">;

export type Cell = (options: CellOptions) => Promise<Measurement>;
