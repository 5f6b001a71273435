/** Which other prompts a response is compared with. */
import { createHash } from "node:crypto";
import { CountersteerError } from "../errors.ts";

export interface ContrastSetOptions {
  prompts: readonly string[];
}

/** The candidates in a fixed order that depends only on their texts, not on the order of a file. Larger sets begin with smaller ones. */
export function orderContrasts({ prompts }: ContrastSetOptions): string[] {
  return prompts
    .map((prompt) => ({ prompt, key: sha256Of(prompt) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ prompt }) => prompt);
}

export interface ChooseContrastsOptions {
  /** As `orderContrasts` gives them. */
  ordered: readonly string[];
  size: number;
  /** Prompts whose task must not be a contrast: the response's own, and for a deranged answer also the one it was given to. */
  exclude: readonly string[];
}

/** The first `size` prompts of other tasks. Throws PROMPT_EMPTY if there are too few. */
export function chooseContrasts({ ordered, size, exclude }: ChooseContrastsOptions): string[] {
  const chosen = ordered
    .filter((prompt) => !exclude.some((other) => isSameTask(prompt, other)))
    .slice(0, size);
  if (size >= 1 && chosen.length === size) return chosen;
  throw new CountersteerError("PROMPT_EMPTY", {
    what: `The likelihood judge has ${chosen.length} contrast prompts and was asked to use ${size}.`,
    why: "It compares a response with prompts of other tasks.",
    todo: "Give at least as many contrast prompts of other tasks as the contrast size, and a size of at least 1.",
    facts: { size, found: chosen.length, exclude },
  });
}

// what a question about any task contains; the rest names the task
const FORM = new Set(
  "explain describe tell show teach how what which way best to do does can could should would you your i we me my one a an the of in on at for with from by and or is are it that this please some good simple".split(
    " ",
  ),
);

/** True if one prompt names a task with no words but the other's, whatever their form and order. */
export function isSameTask(a: string, b: string): boolean {
  const first = taskWords(a);
  const second = taskWords(b);
  if (first.size === 0 || second.size === 0) return a.trim() === b.trim();
  const [small, large] = first.size <= second.size ? [first, second] : [second, first];
  return [...small].every((word) => large.has(word));
}

function taskWords(prompt: string): Set<string> {
  const found = prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(
    found.filter((word) => !FORM.has(word)).map((word) => word.replace(/(?<=..)(?:(?<=[hsx])es|s)$/, "")),
  );
}

export function sha256Of(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** One hash of several token sequences; their boundaries count. */
export function hashTokens(sequences: readonly Int32Array[]): string {
  return sha256Of(JSON.stringify(sequences.map((tokens) => Array.from(tokens))));
}
