/** The answers of an arm that start over, with what was recorded of them, and a count of those that are left out by the reason. */
import type { DeclaredActivations } from "../../store/analysis.ts";
import type { JudgedTrial, RunStore } from "../../store/run-store.ts";
import { type AnswerRows, answerRows } from "./answer-rows.ts";
import { type EpisodeRegions, episodeRegions, LEFT_OUT } from "./regions.ts";

/** Whose judgements count, and by how much a last score must exceed the first. */
export interface Judging {
  judge: string;
  margin: number;
}

export interface RecordedAnswer extends JudgedTrial {
  rows: AnswerRows;
  /** What answers hang together by: the steered latent. */
  cluster: number | string;
}

export interface Episode extends EpisodeRegions {
  key: string;
  unit: string;
  cluster: number | string;
  /** The unit's latent: no group counts it, for it fires by the edit. */
  steered: number | null;
  rows: AnswerRows;
}

export interface Episodes {
  /** Trials of the arm. */
  trials: number;
  episodes: Episode[];
  /** Trials of the arm that are no episode, by the reason. */
  leftOut: { reason: string; trials: number }[];
}

const UNRECORDED = "not recorded";

export function readEpisodes({
  store,
  declared,
  judging,
}: {
  store: RunStore;
  declared: DeclaredActivations;
  judging: Judging;
}): Episodes {
  const { arm, improved, restarts } = declared.episodes;
  const { margin } = judging;
  const found: Episode[] = [];
  const reasons = new Map<string, number>([...LEFT_OUT, UNRECORDED].map((reason) => [reason, 0]));
  const count = (reason: string) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  let trials = 0;
  for (const judged of store.judged({ arm, judge: judging.judge })) {
    trials += 1;
    const shape = episodeRegions({ ...judged, restarts, improved, margin });
    if (typeof shape === "string") {
      count(shape);
      continue;
    }
    const answer = recordedAnswer({ store, name: declared.recording, judged });
    if (answer === null) {
      count(UNRECORDED);
      continue;
    }
    const { key, unit, latent: steered } = judged.trial;
    found.push({ key, unit, steered, cluster: answer.cluster, rows: answer.rows, ...shape });
  }
  return {
    trials,
    // numbers must not depend on which trial finished first
    episodes: found.sort((a, b) => (a.key < b.key ? -1 : 1)),
    leftOut: [...reasons].flatMap(([reason, n]) => (n === 0 ? [] : [{ reason, trials: n }])),
  };
}

/** One at a time: rows of all answers would not fit into memory. Answers without a recording are left out. */
export function* recordedAnswers({
  store,
  name,
  arm,
  judge,
}: {
  store: RunStore;
  name: string;
  arm: string;
  judge: string;
}): Generator<RecordedAnswer> {
  for (const judged of store.judged({ arm, judge })) {
    const answer = judged.trial.error === null ? recordedAnswer({ store, name, judged }) : null;
    if (answer !== null) yield answer;
  }
}

function recordedAnswer({
  store,
  name,
  judged,
}: {
  store: RunStore;
  name: string;
  judged: JudgedTrial;
}): RecordedAnswer | null {
  const { trial } = judged;
  const recording = store.activations({ trialKey: trial.key, name });
  if (recording === null) return null;
  // trials without a latent have the prompt in common
  const cluster = trial.latent ?? `prompt ${trial.promptIndex}`;
  return { ...judged, cluster, rows: answerRows({ trial, recording }) };
}
