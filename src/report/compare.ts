/**
 * Two arms, of one run or of two: what differs, how surely, and how many trials would tell. Arms are compared over the units that both have.
 * Arms that share none, as imported files may, are compared as they are, which says less; the result and its text name which it was.
 */
import { CountersteerError } from "../errors.ts";
import { clusterDifference } from "../stats/cluster-difference.ts";
import { type ClusterPermutation, clusterPermutation } from "../stats/cluster-permutation.ts";
import { clusterRatios, type RatioColumns } from "../stats/clusters.ts";
import { compareRates, type RateComparison } from "../stats/compare-rates.ts";
import { designEffect } from "../stats/design-effect.ts";
import { rateColumns } from "../stats/end-columns.ts";
import { mcnemarExact, type PairedTable, pairedTable } from "../stats/mcnemar.ts";
import { type PairedEffect, pairedEffect } from "../stats/paired-effect.ts";
import { unpairedDifference } from "../stats/unpaired-difference.ts";
import { type Verdict, verdictOf } from "../stats/verdict.ts";
import { assertComparable, type ComparableOptions, type Difference } from "../store/comparable.ts";
import { runMargin } from "../store/run-margin.ts";
import type { RunStore } from "../store/run-store.ts";
import { storedFacts } from "./outcomes.ts";
import { type PairedSets, pairArms, pairedEnds } from "./pair-arms.ts";
import type { TrialSet } from "./trial-set.ts";

export interface ComparedArm {
  store: RunStore;
  arm: string;
}

export interface CompareArmsOptions {
  /** What is compared against, for example steered. */
  reference: ComparedArm;
  /** The arm in question, for example steered and ablated. */
  treatment: ComparedArm;
  /** @default "esr" */
  outcome?: "esr" | "multi-attempt";
  /** Success is last > first + margin. @default the reference run's own */
  margin?: number;
  /** `name/version` of the judge whose judgements count. @default each run's own */
  judge?: string;
  /** Fields in which the two runs may differ. */
  allow?: NonNullable<ComparableOptions["allow"]>;
  /** @default 0.95 */
  level?: number;
  /** @default 2000 */
  replicates?: number;
  /** The least difference worth finding. @default 0.01 */
  smallestDifference?: number;
}

export interface ArmComparison {
  reference: string;
  treatment: string;
  outcome: "esr" | "multi-attempt";
  margin: number;
  /** In what the runs differ although it was allowed; to be printed. */
  differences: Difference[];
  pairing: "paired" | "unpaired";
  /** Trials that enter: the pairs, or each arm's own scored ones. */
  scored: { reference: number; treatment: number };
  /** Two-sided, by latent: of the permutation, or of Student's t where the arms are unpaired. */
  p: number;
  /** Units scored in both arms. */
  pairs: number;
  /** Units in both arms, of which one has no score. */
  unscored: number;
  /** Trials of an arm whose unit the other doesn't have. */
  unpaired: { reference: number; treatment: number };
  /** Of the pairs; first is the reference. */
  table: PairedTable;
  /** Exact, as if pairs were independent; 1 without pairs. */
  mcnemar: { p: number; discordant: number };
  /** The test that knows that pairs of a latent resemble each other; p is 1 without pairs. */
  permutation: ClusterPermutation;
  /** Over the trials that enter. The difference has Student's t over latents; ratio and odds ratio resample latents, each with both its arms. */
  rates: RateComparison;
  /** Of the latents' mean differences. */
  effect: PairedEffect;
  verdict: Verdict;
  /** One sentence for people. */
  sentence: string;
}

/** Throws RUNS_UNEQUAL where the two arms lie in runs that may not be compared, REQUEST_INVALID for an arm that is not there. */
export function compareArms(options: CompareArmsOptions): ArmComparison {
  const { reference, treatment, judge, outcome = "esr", allow = false } = options;
  const { level = 0.95, replicates = 2000 } = options;
  const manifests = [reference, treatment].map(({ store }) => ({
    name: store.dir,
    manifest: store.manifest(),
  }));
  const differences = assertComparable({ manifests, allow });
  const margin = options.margin ?? runMargin(reference.store.manifest());
  const arms = { first: setOf(reference, judge), second: setOf(treatment, judge) };
  const both = pairArms(arms);
  const isUnpaired = both.first.length === 0;
  const scored = pairedEnds(both);
  const columnsOf = (half: keyof PairedSets) =>
    rateColumns({
      ends: isUnpaired ? arms[half].ends() : scored[half],
      rate: outcome,
      margin,
    });
  const first = columnsOf("first");
  const second = columnsOf("second");
  // columns of pairs: first and second have the same clusters
  const pairs: RatioColumns = {
    ...(isUnpaired ? NO_PAIRS : first),
    numerator: (isUnpaired ? NO_PAIRS : first).numerator.map(
      (value, i) => (second.numerator[i] ?? 0) - value,
    ),
  };
  const table = pairedTable({
    pairs: Array.from(pairs.numerator, (_, i) => ({
      first: first.numerator[i] === 1,
      second: second.numerator[i] === 1,
    })),
  });
  const compared = compareRates({ reference: first, treatment: second, level, replicates });
  const differenceAt = (at: number) =>
    isUnpaired
      ? unpairedDifference({ reference: first, treatment: second, level: at })
      : { ...clusterDifference({ pairs, level: at }), p: permutation.p };
  const permutation = clusterPermutation({ pairs });
  const byLatent = differenceAt(level);
  // where no latent differs, only a score interval can say how large a difference may still be
  const difference = byLatent.method === "cluster-t" ? byLatent : compared.difference;
  const rates = { ...compared, difference };
  const narrower = differenceAt(2 * level - 1);
  const { icc, meanClusterSize } = designEffect({ observations: first });
  const { smallestDifference } = options;
  const verdict = verdictOf({
    difference,
    ...(narrower.method === "cluster-t" ? { narrower } : {}),
    referenceRate: rates.referenceRate,
    treatmentRate: rates.treatmentRate,
    perArm: Math.min(first.numerator.length, second.numerator.length),
    icc: icc ?? 0,
    clusterSize: Math.max(1, meanClusterSize ?? 1),
    ...(smallestDifference === undefined ? {} : { smallestDifference }),
  });
  // two tests of one hypothesis may disagree near the level; then neither is a finding
  const found = verdict.verdict === "higher" || verdict.verdict === "lower";
  const unconfirmed = found && byLatent.p > 1 - level;
  const doubt = unconfirmed
    ? `, but the test by latent does not confirm it (p = ${byLatent.p.toFixed(3)}, ${byLatent.clusters} latents)`
    : "";
  return {
    reference: reference.arm,
    treatment: treatment.arm,
    outcome,
    margin,
    differences,
    pairing: isUnpaired ? "unpaired" : "paired",
    scored: { reference: first.numerator.length, treatment: second.numerator.length },
    p: byLatent.p,
    pairs: scored.count,
    unscored: both.first.length - scored.count,
    unpaired: {
      reference: arms.first.length - both.first.length,
      treatment: arms.second.length - both.first.length,
    },
    table,
    mcnemar: mcnemarExact(table),
    permutation,
    rates,
    effect: pairedEffect({ differences: clusterRatios(pairs) }),
    verdict,
    sentence: `${treatment.arm} against ${reference.arm}, ${outcome} rate${isUnpaired ? ", unpaired" : ""}: ${verdict.text}${doubt}`,
  };
}

/** Throws REQUEST_INVALID where the run has no such arm: no pairs would look like no difference. */
function setOf({ store, arm }: ComparedArm, judge: string | undefined): TrialSet {
  const set = storedFacts({ store, judge }).arm(arm);
  const arms = store.arms().map(({ name }) => name);
  if (set.length === 0 && !arms.includes(arm)) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The run in ${store.dir} has no arm "${arm}".`,
      why: `Its arms are ${arms.join(", ") || "not stored yet"}.`,
      todo: "Name one of them.",
      facts: { dir: store.dir, arm, arms },
    });
  }
  return set;
}

const NO_PAIRS: RatioColumns = {
  numerator: new Float64Array(0),
  denominator: new Float64Array(0),
  cluster: new Int32Array(0),
  ids: [],
  crossCluster: null,
  crossIds: [],
};
