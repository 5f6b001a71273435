/** What the public interface takes of the statistics. */

export {
  type AlignedAverageOptions,
  type AlignedPoint,
  type AlignedSeries,
  alignedAverage,
} from "./aligned-average.ts";
export { auc } from "./auc.ts";
export { benjaminiHochberg } from "./benjamini-hochberg.ts";
export { type BootstrapStatisticOptions, bootstrapStatistic } from "./bootstrap-statistic.ts";
export { clopperPearson } from "./clopper-pearson.ts";
export { type ClusterBootstrapOptions, clusterBootstrap } from "./cluster-bootstrap.ts";
export { type ClusterDifferenceOptions, clusterDifference } from "./cluster-difference.ts";
export { type ClusterInterval, type ClusterLogitOptions, clusterLogit } from "./cluster-logit.ts";
export { type ClusterMean, type ClusterMeanOptions, clusterMean } from "./cluster-mean.ts";
export {
  type ClusterPermutation,
  type ClusterPermutationOptions,
  clusterPermutation,
} from "./cluster-permutation.ts";
export { type ClusterVariance, clusterVariance } from "./cluster-variance.ts";
export { type ClusterId, type RatioObservation, ratioOf } from "./clusters.ts";
export { type CompareRatesOptions, compareRates, type RateComparison } from "./compare-rates.ts";
export { type Correlation, pearson, spearman } from "./correlation.ts";
export { isDegraded, longestWordRun } from "./degraded.ts";
export { type DesignEffect, type DesignEffectOptions, designEffect } from "./design-effect.ts";
export { type FisherOptions, fisherExact } from "./fisher.ts";
export { holm } from "./holm.ts";
export {
  type ImprovementNull,
  type ImprovementNullOptions,
  improvementNull,
} from "./improvement-null.ts";
export type { Interval, IntervalMethod } from "./interval.ts";
export { cohenKappa, type Kappa, type KappaOptions } from "./kappa.ts";
export { type Alpha, type AlphaMetric, type AlphaOptions, krippendorffAlpha } from "./krippendorff.ts";
export { type LengthControl, type LengthControlOptions, lengthControl } from "./length-control.ts";
export { mcnemarExact, type PairedTable, pairedTable } from "./mcnemar.ts";
export { type MeanSummary, summarizeMean } from "./mean.ts";
export { normalCdf, normalInverse } from "./normal.ts";
export { clusterMeans, type PairedEffect, pairedEffect } from "./paired-effect.ts";
export { type PairedPowerOptions, type PairsNeeded, pairedPower, pairsNeeded } from "./paired-power.ts";
export { type PairedTest, type PairedTestOptions, pairedTest } from "./paired-test.ts";
export { type ComparisonPlan, type PlanComparisonOptions, planComparison } from "./plan-comparison.ts";
export {
  cohenH,
  designEffectOf,
  type PowerOptions,
  powerTwoProportions,
  type TrialsNeeded,
  type TrialsNeededOptions,
  trialsNeeded,
} from "./power.ts";
export {
  type ClusteredOutcome,
  RATE_BOUNDS,
  type RateName,
  type RateObservationsOptions,
  rateObservations,
} from "./rate-observations.ts";
export {
  computeRates,
  endScores,
  type JudgedOutcome,
  marginSensitivity,
  type Rate,
  type RateCounts,
  type Rates,
  type RatesOptions,
  type TrialOutcome,
} from "./rates.ts";
export type { BootstrapInterval, BootstrapOptions } from "./replicates.ts";
export { createRng, type Rng, type RngOptions } from "./rng.ts";
export { pairedT, type TTest, welchT } from "./t-test.ts";
export { type TwoWayBootstrapOptions, twoWayBootstrap } from "./two-way-bootstrap.ts";
export {
  type UnpairedDifference,
  type UnpairedDifferenceOptions,
  unpairedDifference,
} from "./unpaired-difference.ts";
export { type Verdict, type VerdictOptions, verdictOf } from "./verdict.ts";
export {
  type Alternative,
  type Wilcoxon,
  type WilcoxonOptions,
  wilcoxonSignedRank,
} from "./wilcoxon.ts";
export { type ProportionInterval, type ProportionOptions, wilson } from "./wilson.ts";
