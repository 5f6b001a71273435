/** What is wrong with a generated text that no judge is needed for. */
import { splitRestarts } from "../../judge/restart-splitter.ts";
import { isDegraded } from "../../stats/degraded.ts";

/** Speaking of itself or of the task, as small models do. */
const SELF_TALK =
  /\b(?:(?:I(?:['’]m| am)|just) here to|(?:happy|glad) to (?:help|assist)|equipped to assist|I can help|I(?:['’]m| am) able to|I(?:['’]m| am) an? (?:AI|assistant)|as an AI|the answer is|the user|answer to this question)\b/i;
/** Share of letters and spaces below which a text is rather symbols. Prose has 0.95 and more. */
const LEAST_LETTERS = 0.92;

/** The first flaw that is found; null if there is none. */
export function flawOfText(text: string): string | null {
  if (isDegraded(text)) return "degraded";
  if (SELF_TALK.test(text)) return "self-talk";
  return hasRestart(text) ? "restarts" : null;
}

/** Whether a text is letters and words, and not a heap of signs. */
export function isProse(text: string): boolean {
  const letters = text.match(/[\p{Script=Latin}\s]/gu)?.length ?? 0;
  return letters >= LEAST_LETTERS * [...text].length;
}

function hasRestart(text: string): boolean {
  const { attempts, trailingRestart } = splitRestarts(text, { legacy: false });
  return attempts.length !== 1 || attempts[0]?.restartPhrase !== null || trailingRestart !== null;
}
