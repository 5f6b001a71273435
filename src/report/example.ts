/** One response of an arm to look at: a rate without a look at what it counts convinces nobody. */
import { endScores } from "../stats/rates.ts";
import type { AttemptRecord, JudgementStatus } from "../store/records.ts";
import type { TrialFacts } from "./outcomes.ts";

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
}: {
  trials: readonly TrialFacts[];
  margin: number;
}): Example | null {
  const ranked = trials
    .filter(({ row }) => row.trial.error === null)
    .map((facts) => ({ facts, rank: KINDS.indexOf(kindOf(facts, margin)) }))
    .sort((a, b) => a.rank - b.rank);
  const best = ranked[0];
  if (best === undefined) {
    return null;
  }
  const { trial, judgement } = best.facts.row;
  const { key, latent, strength, prompt, text } = trial;
  return {
    kind: kindOf(best.facts, margin),
    key,
    latent,
    strength,
    prompt,
    text,
    status: judgement?.status ?? null,
    attempts: judgement?.attempts ?? [],
  };
}

const KINDS: Example["kind"][] = ["ESR success", "multi-attempt", "scored", "not scored"];

function kindOf({ outcome }: TrialFacts, margin: number): Example["kind"] {
  const ends = endScores(outcome);
  if (ends === null) {
    return "not scored";
  }
  if (ends.attempts < 2) {
    return "scored";
  }
  return ends.last - ends.first > margin ? "ESR success" : "multi-attempt";
}
