/** One response of an arm to look at: a rate without a look at what it counts convinces nobody. */
import type { AttemptRecord, JudgementStatus } from "../store/records.ts";
import type { JudgedTrial } from "../store/run-store.ts";
import type { TrialSet } from "./trial-set.ts";

export interface Example {
  /** What the response is an example of: the most telling kind that the arm has. */
  kind: "ESR success" | "multi-attempt" | "scored" | "not scored";
  key: string;
  latent: number | null;
  strength: number;
  prompt: string;
  text: string;
  status: JudgementStatus | null;
  attempts: AttemptRecord[];
}

/** The first trial of the most telling kind; the order of `trials` decides, so that it is the same each time. Null without responses. */
export function exampleOf({
  trials,
  margin,
  read,
}: {
  trials: TrialSet;
  margin: number;
  read: (key: string) => JudgedTrial | null;
}): Example | null {
  const best = mostTelling(trials, margin);
  const stored = best === null ? null : read(best.key);
  if (best === null || stored === null) {
    return null;
  }
  const { trial, judgement } = stored;
  const { key, latent, strength, prompt, text } = trial;
  return {
    kind: best.kind,
    key,
    latent,
    strength,
    prompt,
    text,
    status: judgement?.status ?? null,
    attempts: judgement?.attempts ?? [],
  };
}

function mostTelling(trials: TrialSet, margin: number): { key: string; kind: Example["kind"] } | null {
  let best: { at: number; kind: Example["kind"] } | null = null;
  for (let i = 0; i < trials.length; i++) {
    const at = trials.places[i] ?? -1;
    if (trials.facts.failed[at] === 1) continue;
    const kind = kindOf(trials, i, margin);
    if (best === null || KINDS.indexOf(kind) < KINDS.indexOf(best.kind)) best = { at, kind };
    if (best.kind === KINDS[0]) break;
  }
  return best === null ? null : { key: trials.facts.key[best.at] ?? "", kind: best.kind };
}

const KINDS: Example["kind"][] = ["ESR success", "multi-attempt", "scored", "not scored"];

function kindOf(trials: TrialSet, i: number, margin: number): Example["kind"] {
  const { facts, places } = trials;
  const at = places[i] ?? -1;
  if (!trials.isScored(i)) {
    return "not scored";
  }
  if ((facts.scored[at] ?? 0) < 2) {
    return "scored";
  }
  return (facts.last[at] ?? 0) - (facts.first[at] ?? 0) > margin ? "ESR success" : "multi-attempt";
}
