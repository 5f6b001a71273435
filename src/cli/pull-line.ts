/** The live line of a download. */
import type { PullProgress } from "../model/progress.ts";

const BAR = 24;

export function pullLine({ source, phase, done, total }: PullProgress): string {
  const from = source === "hub" ? "Hugging Face" : "pip";
  if (total === null || total === 0) {
    return `${phase} (${from}) ${done > 0 ? megabytes(done) : ""}`.trimEnd();
  }
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR);
  const bar = "#".repeat(filled) + "-".repeat(BAR - filled);
  return `${phase} (${from}) [${bar}] ${Math.floor(share * 100)} % of ${megabytes(total)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
