/** Outcomes of trials in words and marks. The mark's shape tells them apart where colours don't. */
import { OUTCOME_CHOICES, type Outcome, type OutcomeChoice } from "../../../src/server/viewer/api/common.ts";

/** `good`: what is looked for; `partly`, `none`: scored otherwise; `fault`: no score. Classes of `styles/outcomes.css`. */
export type OutcomeTone = "good" | "partly" | "none" | "fault";

export interface OutcomeWords {
  label: string;
  tone: OutcomeTone;
  mark: string;
  meaning: string;
}

export const OUTCOME_WORDS: Readonly<Record<Outcome, OutcomeWords>> = {
  "single-attempt": { label: "single attempt", tone: "none", mark: "○", meaning: "one scored attempt" },
  improved: {
    label: "improved",
    tone: "good",
    mark: "▲",
    meaning: "several attempts, and the last scores more than the first: an ESR success",
  },
  "not-improved": {
    label: "not improved",
    tone: "partly",
    mark: "▽",
    meaning: "several attempts, and the last scores no more than the first",
  },
  "no-attempt": { label: "no attempt", tone: "fault", mark: "∅", meaning: "nothing in it tries to answer" },
  refused: { label: "judge refused", tone: "fault", mark: "✕", meaning: "the judge declined to score it" },
  empty: { label: "judge silent", tone: "fault", mark: "✕", meaning: "the judge answered nothing" },
  unparsable: {
    label: "unparsable",
    tone: "fault",
    mark: "✕",
    meaning: "the judge's answer could not be read",
  },
  failed: { label: "judge failed", tone: "fault", mark: "✕", meaning: "the judge could not be run" },
  unjudged: { label: "not judged", tone: "fault", mark: "…", meaning: "no judgement yet" },
  errored: { label: "errored", tone: "fault", mark: "!", meaning: "there is no response" },
};

const GROUP_LABELS = { scored: "any scored", "multi-attempt": "multi-attempt" };

/** For a filter: every outcome, and the groups that rates are made of. The empty value is no filter. */
export const OUTCOME_OPTIONS: readonly { value: OutcomeChoice | ""; name: string }[] = [
  { value: "", name: "any" },
  ...OUTCOME_CHOICES.map((value) => ({
    value,
    name: value === "scored" || value === "multi-attempt" ? GROUP_LABELS[value] : OUTCOME_WORDS[value].label,
  })),
];
