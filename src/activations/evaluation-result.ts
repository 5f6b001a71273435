/** From sums by document to the numbers of an evaluation, with cluster bootstraps by document. */
import type { Dictionary, DictionaryFacts } from "../sae/dictionary.ts";
import type { LatentFacts, LatentStats } from "../sae/latent-stats.ts";
import type { ReconstructionFacts, ReconstructionStats } from "../sae/reconstruction-stats.ts";
import type { RowMoments } from "../sae/row-moments.ts";
import { clusterBootstrap } from "../stats/cluster-bootstrap.ts";
import type { BootstrapInterval } from "../stats/replicates.ts";

/** By document number: scored tokens, and `-log p` summed over them, in nats. */
export interface Losses {
  tokens: Map<number, number>;
  original: Map<number, number>;
  zero: Map<number, number>;
  mean: Map<number, number>;
  /** One for each dictionary. */
  spliced: Map<number, number>[];
}

/** Nats for each token. */
export interface CrossEntropy {
  documents: number;
  tokens: number;
  original: BootstrapInterval;
  /** Every replaced row is 0. */
  zeroAblated: BootstrapInterval;
  /** Every replaced row is the mean of the measured rows. */
  meanAblated: BootstrapInterval;
}

export interface SplicedLoss {
  spliced: BootstrapInterval;
  /** Spliced less original. */
  increase: BootstrapInterval;
  /** `(zero - spliced) / (zero - original)`: 1 loses nothing, 0 is as bad as zeros. SAELens: `ce_loss_score`. */
  recovered: BootstrapInterval;
  /** The same against the mean row, which is a harder baseline. */
  recoveredOverMean: BootstrapInterval;
}

export interface DictionaryEvaluation {
  dictionary: Pick<DictionaryFacts, "path" | "architecture" | "dModel" | "latents" | "k" | "layer"> & {
    hash: string;
  };
  /** Row measures that need no mean; `explainedVariancePerRow` is SAELens' legacy form. */
  reconstruction: ReconstructionFacts;
  /** `1 - sum ||h - h_hat||^2 / sum ||h - mean||^2` over all rows: 1 - FVU. */
  explainedVariance: BootstrapInterval;
  latents: LatentFacts;
  crossEntropy: SplicedLoss | null;
  /** This dictionary less the first, on the same rows and tokens; null for the first. */
  difference: { explainedVariance: BootstrapInterval; recovered: BootstrapInterval | null } | null;
}

export function crossEntropyOf({ losses, seed }: { losses: Losses; seed: number }): CrossEntropy {
  const { tokens, original, zero, mean } = losses;
  const perToken = (of: Map<number, number>) => ratio({ top: of, bottom: tokens, seed });
  return {
    documents: tokens.size,
    tokens: [...tokens.values()].reduce((sum, count) => sum + count, 0),
    original: perToken(original),
    zeroAblated: perToken(zero),
    meanAblated: perToken(mean),
  };
}

export interface DictionaryEvaluationOptions {
  dictionary: Dictionary;
  /** Which of `measures` is the dictionary's. */
  index: number;
  moments: RowMoments;
  measures: { reconstruction: ReconstructionStats; latents: LatentStats }[];
  losses: Losses | null;
  seed: number;
}

export function dictionaryEvaluation(options: DictionaryEvaluationOptions): DictionaryEvaluation {
  const { dictionary, index, moments, measures, losses, seed } = options;
  const own = measures[index];
  const first = measures[0];
  if (own === undefined || first === undefined) {
    throw new RangeError(`no measures of dictionary ${index}`);
  }
  const variation = new Map(
    [...moments.byDocument()].map(([document, { variation: each }]) => [document, each]),
  );
  const { errors } = own.reconstruction;
  const unexplained = ratio({ top: errors, bottom: variation, seed });
  const { path, architecture, dModel, latents: size, k, layer } = dictionary;
  return {
    dictionary: { path, hash: dictionary.hash(), architecture, dModel, latents: size, k, layer },
    reconstruction: own.reconstruction.facts(),
    explainedVariance: oneLess(unexplained),
    latents: own.latents.facts(),
    crossEntropy: losses === null ? null : splicedLoss({ losses, index, seed }),
    difference:
      index === 0
        ? null
        : {
            explainedVariance: ratio({
              top: less(first.reconstruction.errors, errors),
              bottom: variation,
              seed,
            }),
            recovered: losses === null ? null : recoveredDifference({ losses, index, seed }),
          },
  };
}

function splicedLoss({ losses, index, seed }: { losses: Losses; index: number; seed: number }): SplicedLoss {
  const { tokens, original, zero, mean } = losses;
  const spliced = losses.spliced[index] ?? new Map();
  const recovered = (baseline: Map<number, number>) =>
    ratio({ top: less(baseline, spliced), bottom: less(baseline, original), seed });
  return {
    spliced: ratio({ top: spliced, bottom: tokens, seed }),
    increase: ratio({ top: less(spliced, original), bottom: tokens, seed }),
    recovered: recovered(zero),
    recoveredOverMean: recovered(mean),
  };
}

function recoveredDifference({ losses, index, seed }: { losses: Losses; index: number; seed: number }) {
  const { original, zero, spliced } = losses;
  const top = less(spliced[0] ?? new Map(), spliced[index] ?? new Map());
  return ratio({ top, bottom: less(zero, original), seed });
}

/** Sum over sum, resampled by document. */
function ratio({
  top,
  bottom,
  seed,
}: {
  top: ReadonlyMap<number, number>;
  bottom: ReadonlyMap<number, number>;
  seed: number;
}): BootstrapInterval {
  const observations = [...bottom].map(([cluster, denominator]) => ({
    numerator: top.get(cluster) ?? 0,
    denominator,
    cluster,
  }));
  return clusterBootstrap({ observations, seed, bounds: null });
}

function less(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> {
  return new Map([...a].map(([document, value]) => [document, value - (b.get(document) ?? 0)]));
}

function oneLess(interval: BootstrapInterval): BootstrapInterval {
  const flip = (value: number | null) => (value === null ? null : 1 - value);
  return {
    ...interval,
    estimate: flip(interval.estimate),
    lower: flip(interval.upper),
    upper: flip(interval.lower),
  };
}
