/** The restarts of a stored run, arm by arm, by their wording: how many say what was trained, word for word. */
import { type ClusterInterval, clusterLogit } from "../../stats/cluster-logit.ts";
import type { RatioObservation } from "../../stats/clusters.ts";
import type { RunStore } from "../../store/run-store.ts";
import { normalised } from "../data/contamination.ts";
import {
  type ClassifiedRestart,
  type KnownPhrases,
  type RestartKind,
  restartClassifier,
} from "./classify-restart.ts";

export interface SpokenPhrase extends ClassifiedRestart {
  /** As it was said first. */
  phrase: string;
  count: number;
}

export interface ArmWording {
  arm: string;
  /** SHA-256 of the arm's adapter; null for the base model. */
  adapter: string | null;
  /** Responses; those with at least one scored attempt; those with at least two. */
  generated: number;
  judged: number;
  multiAttempt: number;
  /** Judged responses by their number of scored attempts. */
  attempts: Record<string, number>;
  /** Attempts after the first of a response that begin with restart wording. */
  restarts: number;
  kinds: Record<RestartKind, number>;
  /** Share of the restarts that are `trained`, by latent. */
  verbatim: ClusterInterval;
  /** The most frequent first. */
  phrases: SpokenPhrase[];
}

export interface RestartWordingOptions {
  store: RunStore;
  known: KnownPhrases;
  /** `name/version`. @default the run's own */
  judge?: string;
}

/** Every arm of the run; in the base model's arms, trained wording is what the model says anyway. */
export function restartWording({ store, known, judge }: RestartWordingOptions): ArmWording[] {
  const classify = restartClassifier(known);
  return store.arms().map(({ name, content }) => {
    const attempts: Record<string, number> = {};
    const kinds: ArmWording["kinds"] = { trained: 0, pieces: 0, "held-out": 0, own: 0 };
    const phrases = new Map<string, SpokenPhrase>();
    const observations: RatioObservation[] = [];
    const counts = { generated: 0, judged: 0, multiAttempt: 0, restarts: 0 };
    // in an order that does not depend on which trial finished first
    const rows = Array.from(store.judged({ arm: name, ...(judge === undefined ? {} : { judge }) }));
    for (const { trial, judgement } of rows.sort((a, b) => (a.trial.key < b.trial.key ? -1 : 1))) {
      counts.generated += Number(trial.error === null);
      if (trial.error !== null || judgement?.status !== "scored") continue;
      const scored = judgement.attempts.filter(({ score }) => score !== null).length;
      counts.judged += 1;
      counts.multiAttempt += Number(scored >= 2);
      attempts[scored] = (attempts[scored] ?? 0) + 1;
      const restarts = judgement.attempts.slice(1).flatMap(({ restartPhrase, start }) => {
        if (restartPhrase === null) return [];
        const found = classify({ phrase: restartPhrase, text: trial.text.slice(start) });
        return [{ phrase: restartPhrase, ...found }];
      });
      for (const { phrase, kind, id } of restarts) {
        counts.restarts += 1;
        kinds[kind] += 1;
        const key = id ?? normalised(phrase);
        const before = phrases.get(key);
        phrases.set(key, before ? { ...before, count: before.count + 1 } : { phrase, count: 1, kind, id });
      }
      observations.push({
        numerator: restarts.filter(({ kind }) => kind === "trained").length,
        denominator: restarts.length,
        cluster: trial.latent ?? `prompt ${trial.promptIndex}`,
      });
    }
    return {
      arm: name,
      adapter: typeof content.adapter === "string" ? content.adapter : null,
      ...counts,
      attempts,
      kinds,
      verbatim: clusterLogit({ observations }),
      phrases: [...phrases.values()].sort((a, b) => b.count - a.count || (a.phrase < b.phrase ? -1 : 1)),
    };
  });
}
