/** Proof that nothing that evaluates has been trained on: prompts, latents, and acknowledgements that are held out. */
import { CountersteerError } from "../../errors.ts";
import { isSameTask } from "../../judge/contrast-set.ts";
import { ACKNOWLEDGEMENTS } from "./acknowledgements.ts";
import { answerOf, type FinetuneRecord } from "./record.ts";

/** Words in a row that two prompts share only if one is copied from the other. */
const GRAM = 8;
const LEAST_CONTENT = 3;
/** Share of the words of both prompts together that both have. */
const MOST_OVERLAP = 0.5;

export interface Contamination {
  kind: "prompt" | "latent" | "acknowledgement" | "split";
  /** What is found on both sides, in words. */
  what: string;
}

export interface ContaminationOptions {
  records: readonly FinetuneRecord[];
  /** Prompts of every evaluation set. */
  evaluationPrompts: readonly string[];
  /** Latents that are left for evaluation. */
  evaluationLatents: readonly number[];
}

/** Everything that is on both sides; empty for clean data. */
export function findContamination(options: ContaminationOptions): Contamination[] {
  const { records, evaluationPrompts, evaluationLatents } = options;
  const found: Contamination[] = [];
  for (const prompt of new Set(records.map((record) => record.prompt))) {
    for (const other of evaluationPrompts) {
      const way = likeness(prompt, other);
      if (way !== null) found.push({ kind: "prompt", what: `"${prompt}" and "${other}" (${way})` });
    }
  }
  const evaluated = new Set(evaluationLatents);
  for (const latent of new Set(records.flatMap(({ steering }) => steering?.latent ?? []))) {
    if (evaluated.has(latent)) found.push({ kind: "latent", what: `latent ${latent}` });
  }
  const heldOut = ACKNOWLEDGEMENTS.filter((each) => each.heldOut);
  for (const record of records) {
    const answer = answerOf(record).toLowerCase();
    const spoken = heldOut.find(({ text }) => answer.includes(text.toLowerCase()));
    const id = record.acknowledgement?.heldOut === true ? record.acknowledgement.id : spoken?.id;
    if (id !== undefined) {
      found.push({ kind: "acknowledgement", what: `${id} in example ${record.id}` });
    }
  }
  const splitOf = new Map<string, FinetuneRecord["split"]>();
  for (const { prompt, split, id } of records) {
    const key = normalised(prompt);
    if ((splitOf.get(key) ?? split) !== split) {
      found.push({ kind: "split", what: `the prompt of example ${id}, in both splits` });
    }
    splitOf.set(key, split);
  }
  return found;
}

/** Throws FINETUNE_CONTAMINATED if anything is on both sides. */
export function refuseContamination(options: ContaminationOptions): void {
  const found = findContamination(options);
  if (found.length === 0) return;
  const shown = found.slice(0, 5).map(({ what }) => what);
  const more = found.length > shown.length ? `, and ${found.length - shown.length} more` : "";
  throw new CountersteerError("FINETUNE_CONTAMINATED", {
    what: `The training data and the evaluation share ${found.length === 1 ? "something" : `${found.length} things`}.`,
    why: `Both have ${shown.join("; ")}${more}.`,
    todo: "Take these prompts or latents out of the training data.",
    facts: { found },
  });
}

/** In what way two prompts ask the same; null if they don't. */
export function likeness(a: string, b: string): "same" | "same task" | "shared words" | "overlap" | null {
  const [first, second] = [normalised(a), normalised(b)];
  if (first === second) return "same";
  if (isSameTask(a, b)) return "same task";
  const [left, right] = [first.split(" "), second.split(" ")];
  const grams = new Set(gramsOf(left));
  if (gramsOf(right).some((gram) => grams.has(gram))) return "shared words";
  const [one, other] = [contentOf(left), contentOf(right)];
  const both = [...one].filter((word) => other.has(word)).length;
  return both > 0 && both / (one.size + other.size - both) >= MOST_OVERLAP ? "overlap" : null;
}

export function normalised(prompt: string): string {
  return (prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}

/** Those that are not all but the form of a question. */
function gramsOf(words: readonly string[]): string[] {
  return words
    .slice(GRAM - 1)
    .map((_, i) => words.slice(i, i + GRAM))
    .filter((gram) => gram.filter((word) => !FORM.has(word)).length >= LEAST_CONTENT)
    .map((gram) => gram.join(" "));
}

const FORM = new Set(
  "explain how to do you what is the best way can a an your of in on at for with and from out it that".split(
    " ",
  ),
);

function contentOf(words: readonly string[]): Set<string> {
  return new Set(words.filter((word) => !FORM.has(word)));
}
