/**
 * The search for one latent's threshold: the strength at which the first attempt scores the target in expectation (METHOD.md 5).
 * The caller generates and judges; the search decides what to ask next and when to stop.
 */
import {
  createPosterior,
  credibleInterval,
  type Evidence,
  evidenceOf,
  query,
  saturation,
  unbracketed,
  update,
} from "./bisection.ts";
import { shouldStop } from "./stopping.ts";

export interface SearchSettings {
  /** Score wanted of the first attempt, 0-100. */
  target: number;
  /** Strengths searched. */
  range: [number, number];
  priorMean: number;
  priorStd: number;
  minQueries: number;
  maxQueries: number;
  /** Stop when the 90 % credible interval is at most this share of the threshold. */
  relativeWidth: number;
}

export interface QueryResult {
  strength: number;
  /** First-attempt scores 0-100 of the samples that could be scored. */
  scores: number[];
}

export interface Threshold {
  /** Posterior median. */
  strength: number;
  /** 90 % credible interval. */
  lower: number;
  upper: number;
  queries: QueryResult[];
  stopped: "narrow" | "max-queries" | "unscorable";
  /** Set where the answer lies at a bound or was never bracketed by scores on both sides of the target. */
  warning: "low" | "high" | null;
}

export interface SearchOptions {
  settings: SearchSettings;
  /** Scores of the samples of the `index`-th query at a strength. */
  ask: (options: { strength: number; index: number }) => Promise<number[]>;
}

/** Queries without a single scored sample after which the search gives up instead of looping for ever. */
const MAX_UNSCORED = 3;

export async function searchThreshold({ settings, ask }: SearchOptions): Promise<Threshold> {
  const { target, range, priorMean, priorStd, minQueries, maxQueries, relativeWidth } = settings;
  let posterior = createPosterior({ lo: range[0], hi: range[1], priorMean, priorStd });
  const queries: QueryResult[] = [];
  const evidence: Evidence[] = [];
  let unscored = 0;
  let stopped: Threshold["stopped"] | null = null;
  for (let index = 0; stopped === null; index++) {
    // two decimals: the strength is part of the samples' keys and of what people type
    const strength = round(query(posterior));
    const scores = await ask({ strength, index });
    queries.push({ strength, scores });
    if (scores.length === 0) {
      unscored++;
      stopped = unscored >= MAX_UNSCORED ? "unscorable" : null;
      continue;
    }
    const score = scores.reduce((sum, each) => sum + each, 0) / scores.length / 100;
    const answer = { strength, score, target: target / 100, weighting: "constant" as const };
    evidence.push(evidenceOf(answer));
    posterior = update(posterior, answer);
    const stopping = shouldStop({
      posterior,
      queries: queries.length,
      minQueries,
      maxQueries,
      relativeWidth,
    });
    stopped = stopping.stop ? (stopping.reason ?? "max-queries") : null;
  }
  const { lower, upper } = credibleInterval(posterior);
  return {
    strength: round(query(posterior)),
    lower,
    upper,
    queries,
    stopped,
    warning: saturation(posterior) ?? unbracketed(evidence),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
