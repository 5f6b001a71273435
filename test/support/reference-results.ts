/** The hand-made result files of the reference, and changed copies of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ReferenceResults, resultsSchema } from "../../src/store/reference/schema.ts";

const FOLDER = new URL("../data/reference/claude_haiku_4_5_20251001_judge/", import.meta.url);
const STEM = "experiment_results_Meta-Llama-3.1-8B-Instruct";

/**
 * Steered, 11 trials: one that the judge failed on, one without an attempt, one without a score, one attempt, and several attempts of equal, better,
 * worse and mixed scores (METHOD.md, appendix B, 5). In one the second attempt is not in the response, in another the first.
 */
export const STEERED_FILE = new URL(`${STEM}_20251104_165624.json`, FOLDER).pathname;
/** The same units of two of the latents with three latents held at 0; one restart is lost. */
export const ABLATED_FILE = new URL(`${STEM}_20251107_090210_with_ablation.json`, FOLDER).pathname;

export function steeredResults(): ReferenceResults {
  const value: unknown = JSON.parse(readFileSync(STEERED_FILE, "utf8"));
  return resultsSchema.parse(value);
}

export interface WriteResultsOptions {
  folder: string;
  name?: string;
  results: unknown;
}

/** Returns the file's path. The folder is named after the same judge as that of the hand-made files. */
export function writeResults({
  folder,
  name = `${STEM}_20260101_000000.json`,
  results,
}: WriteResultsOptions): string {
  const judged = path.join(folder, "claude_haiku_4_5_20251001_judge");
  mkdirSync(judged, { recursive: true });
  const file = path.join(judged, name);
  writeFileSync(file, JSON.stringify(results));
  return file;
}
