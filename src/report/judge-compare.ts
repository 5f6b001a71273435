/** What a run's rates become when another judge scores the same responses (METHOD.md 6: the paper's experiment 7). */
import { CountersteerError } from "../errors.ts";
import { clusterDifference } from "../stats/cluster-difference.ts";
import type { RatioObservation } from "../stats/clusters.ts";
import { compareRates } from "../stats/compare-rates.ts";
import { rateColumns } from "../stats/end-columns.ts";
import type { Interval } from "../stats/interval.ts";
import { mcnemarExact, type PairedTable, pairedTable } from "../stats/mcnemar.ts";
import { observationsOf } from "../stats/rate-observations.ts";
import { chooseJudges, type JudgeChoice, judgementsOf } from "../store/judge-choice.ts";
import { runMargin } from "../store/run-margin.ts";
import type { RunStore } from "../store/run-store.ts";
import { type ArmSummary, summariseArm } from "./arm-summary.ts";
import { setsByArm, trialSet } from "./outcomes.ts";
import type { TrialSet } from "./trial-set.ts";

export interface CompareJudgesOptions {
  store: RunStore;
  /** Names as `chooseJudges` takes them. */
  first: string;
  second: string;
  /** @default all */
  arm?: string | null;
  /** Success is last > first + margin. @default the run's own */
  margin?: number;
  /** @default 0.95 */
  level?: number;
  /** @default 2000 */
  replicates?: number;
}

export type JudgeRates = Pick<ArmSummary, "counts" | "firstScore" | "multiAttempt" | "esr" | "improvement">;

export type JudgeMeasure = "first-score" | "multi-attempt" | "esr";

export interface JudgeDifference {
  measure: JudgeMeasure;
  first: number | null;
  second: number | null;
  /** second - first over the common set: score points, or a difference of shares. By latent. */
  difference: Interval;
  /** null for scores. */
  table: PairedTable | null;
  /** Exact, as if responses were independent; null for scores. */
  mcnemar: { p: number; discordant: number } | null;
}

export interface ArmUnderJudges {
  arm: string;
  /** Responses that both scored. */
  common: number;
  /** Scored by one; the other gave no judgement, or saw nothing to score. */
  onlyFirst: number;
  onlySecond: number;
  neither: number;
  /** Over everything that the judge itself scored, and over the common set. */
  own: { first: JudgeRates; second: JudgeRates };
  shared: { first: JudgeRates; second: JudgeRates };
  differences: JudgeDifference[];
}

export interface JudgeComparison {
  dir: string;
  first: string;
  second: string;
  margin: number;
  level: number;
  arms: ArmUnderJudges[];
  /** Arms of which no response was scored by both. */
  without: string[];
}

/** Throws REQUEST_INVALID for a judge that has judged nothing, and where no response was scored by both. */
export function compareJudges(options: CompareJudgesOptions): JudgeComparison {
  const { store, arm = null, level = 0.95, replicates = 2000 } = options;
  const margin = options.margin ?? runMargin(store.manifest());
  const [first, second] = chooseJudges({ store, names: [options.first, options.second] });
  if (first === undefined || second === undefined) throw new RangeError("two names choose two judges");
  const facts = { first: byArm(store, first), second: byArm(store, second) };
  const wanted = [...facts.first.keys()].filter((name) => arm === null || name === arm);
  const settings = { margin, level, replicates };
  const found = wanted.map((name) =>
    underBoth({
      arm: name,
      first: facts.first.get(name) ?? NONE,
      second: facts.second.get(name) ?? NONE,
      ...settings,
    }),
  );
  if (found.every(({ common }) => common === 0)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `${first.name} and ${second.name} have no scored response in common${arm === null ? "" : ` in the arm "${arm}"`}.`,
      why: "A difference of their rates would be one of the responses and not of the judges.",
      todo: "Let one of them judge what the other has judged: `countersteer judge rejudge`.",
      facts: { dir: store.dir, first: first.name, second: second.name, arms: wanted },
    });
  }
  return {
    dir: store.dir,
    first: first.name,
    second: second.name,
    margin,
    level,
    arms: found.filter(({ common }) => common > 0),
    without: found.filter(({ common }) => common === 0).map((each) => each.arm),
  };
}

/** Trials of each arm with what one judge said. */
function byArm(store: RunStore, choice: JudgeChoice): Map<string, TrialSet> {
  const judgements = judgementsOf({ store, choice });
  const rows = Array.from(store.trials(), (trial) => ({
    trial,
    judgement: judgements.get(trial.key) ?? null,
  }));
  const found = setsByArm(trialSet(rows));
  const declared = store.arms().map(({ name }) => name);
  return new Map([...declared.map((name) => [name, found.get(name) ?? NONE] as const), ...found]);
}

const NONE = trialSet([]);

interface UnderBothOptions {
  arm: string;
  first: TrialSet;
  second: TrialSet;
  margin: number;
  level: number;
  replicates: number;
}

function underBoth({ arm, first, second, ...settings }: UnderBothOptions): ArmUnderJudges {
  // both are all trials of the arm in one order
  const both = (i: number) => first.isScored(i) && second.isScored(i);
  const shared = { first: first.filter(both), second: second.filter(both) };
  const ratesOf = (trials: TrialSet): JudgeRates => {
    const { counts, firstScore, multiAttempt, esr, improvement } = summariseArm({
      arm,
      trials,
      excludeDegraded: false,
      ...settings,
    });
    return { counts, firstScore, multiAttempt, esr, improvement };
  };
  const common = shared.first.length;
  const scoredOf = (trials: TrialSet) => trials.filter((i) => trials.isScored(i)).length;
  const scored = { first: scoredOf(first), second: scoredOf(second) };
  const generated = first.filter((i) => !first.at(i).failed).length;
  const measures: JudgeMeasure[] = ["first-score", "multi-attempt", "esr"];
  return {
    arm,
    common,
    onlyFirst: scored.first - common,
    onlySecond: scored.second - common,
    neither: generated - scored.first - scored.second + common,
    own: { first: ratesOf(first), second: ratesOf(second) },
    shared: { first: ratesOf(shared.first), second: ratesOf(shared.second) },
    differences: measures.map((measure) => differenceOf({ measure, ...shared, ...settings })),
  };
}

/** Scores go through a formula for shares, which lie from 0 to 1. */
const SCALE: Record<JudgeMeasure, number> = { "first-score": 100, "multi-attempt": 1, esr: 1 };

function differenceOf({
  measure,
  first,
  second,
  ...settings
}: Omit<UnderBothOptions, "arm"> & { measure: JudgeMeasure }): JudgeDifference {
  const { margin, level, replicates } = settings;
  const observed = (trials: TrialSet) =>
    observationsOf(rateColumns({ ends: trials.ends(), rate: measure, margin }));
  const [a, b] = [observed(first), observed(second)];
  const scale = SCALE[measure];
  const pairs = a.map((each, i) => ({
    numerator: ((b[i]?.numerator ?? 0) - each.numerator) / scale,
    denominator: 1,
    cluster: each.cluster,
  }));
  const mean = (of: readonly RatioObservation[]) =>
    of.length === 0 ? null : of.reduce((sum, { numerator }) => sum + numerator, 0) / of.length;
  const byLatent = clusterDifference({ pairs, level });
  const values = { measure, first: mean(a), second: mean(b) };
  if (measure === "first-score") {
    return { ...values, difference: scaled(byLatent, scale), table: null, mcnemar: null };
  }
  // where no latent differs, only a score interval can say how large a difference may still be
  const difference =
    byLatent.method === "cluster-t"
      ? byLatent
      : compareRates({ reference: a, treatment: b, level, replicates }).difference;
  const table = pairedTable({
    pairs: a.map((each, i) => ({ first: each.numerator === 1, second: b[i]?.numerator === 1 })),
  });
  return { ...values, difference, table, mcnemar: mcnemarExact(table) };
}

function scaled({ estimate, lower, upper, level, method }: Interval, scale: number): Interval {
  const times = (value: number | null) => (value === null ? null : scale * value);
  return { estimate: times(estimate), lower: times(lower), upper: times(upper), level, method };
}
