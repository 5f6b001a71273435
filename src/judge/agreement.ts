/**
 * Do two judges say the same of the same responses? Every number with an interval that resamples latents. A judge failure is no opinion:
 * such responses are counted and left out (the paper codes "no attempt" as a score of 0, METHOD.md 10.1, row 20).
 */
import { type BootstrapStatisticOptions, bootstrapStatistic } from "../stats/bootstrap-statistic.ts";
import type { ClusterId } from "../stats/clusters.ts";
import { pearson, spearman } from "../stats/correlation.ts";
import type { Interval } from "../stats/interval.ts";
import { cohenKappa } from "../stats/kappa.ts";
import { krippendorffAlpha } from "../stats/krippendorff.ts";

/** What one judge said of one response. */
export interface Opinion {
  /** Scores of its attempts in order; an attempt without a score is left out. */
  scores: readonly number[];
  /** Offset of the response at which each attempt begins. */
  starts: readonly number[];
}

export interface RatedResponse {
  key: string;
  /** What is resampled. */
  latent: ClusterId;
  /** By judge; null where that judge failed or has not seen the response. */
  opinions: ReadonlyMap<string, Opinion | null>;
}

export interface AgreementOptions {
  responses: readonly RatedResponse[];
  first: string;
  second: string;
  /** Success is last > first + margin. @default 0 */
  margin?: number;
  /** @default 1000 */
  replicates?: number;
}

export interface Measure extends Interval {
  /** Responses that it is made of. */
  n: number;
}

export interface Agreement {
  first: string;
  second: string;
  /** Responses with an opinion of both. */
  both: number;
  onlyFirst: number;
  onlySecond: number;
  neither: number;
  /** Cohen's kappa of "at least two attempts". */
  multiAttempt: Measure;
  /** Linearly weighted kappa of the number of attempts, 3 and more as one. */
  attempts: Measure;
  /** Cohen's kappa of "improved". */
  improved: Measure;
  /** Of the scores of first attempts. */
  pearson: Measure;
  spearman: Measure;
  alpha: Measure;
  /** Mean of second's less first's score of the first attempt. */
  bias: Measure;
  /** Where both see several attempts: share of equal direction (up, down, even) from first to last. */
  direction: Measure;
  /** Where both see several attempts: share of first's restarts that second places within 20 characters. */
  boundaries: Measure;
}

interface Pair {
  latent: ClusterId;
  a: Opinion;
  b: Opinion;
}

const NEAR = 20;
const MOST_ATTEMPTS = 3;

const isMulti = ({ scores }: Opinion): boolean => scores.length >= 2;
const rise = ({ scores }: Opinion): number => (scores.at(-1) ?? 0) - (scores[0] ?? 0);

export function agreementOf(options: AgreementOptions): Agreement {
  const { responses, first, second, margin = 0, replicates = 1000 } = options;
  const said = responses.map(({ latent, opinions }) => ({
    latent,
    a: opinions.get(first) ?? null,
    b: opinions.get(second) ?? null,
  }));
  const pairs = said.flatMap(({ latent, a, b }) => (a === null || b === null ? [] : [{ latent, a, b }]));
  const scored = pairs.filter(({ a, b }) => a.scores.length > 0 && b.scores.length > 0);
  const several = scored.filter(({ a, b }) => isMulti(a) && isMulti(b));
  const measure = (rows: readonly Pair[], statistic: BootstrapStatisticOptions<Pair>["statistic"]): Measure =>
    bootstrapStatistic({ rows, clusterOf: ({ latent }) => latent, statistic, replicates });
  const labels = (rows: readonly Pair[], of: (opinion: Opinion) => number) => ({
    first: rows.map(({ a }) => of(a)),
    second: rows.map(({ b }) => of(b)),
  });
  const firstScores = (rows: readonly Pair[]) => labels(rows, ({ scores }) => scores[0] ?? 0);
  const success = (opinion: Opinion) => Number(isMulti(opinion) && rise(opinion) > margin);
  const count = ({ scores }: Opinion) => Math.min(MOST_ATTEMPTS, scores.length);
  return {
    first,
    second,
    both: pairs.length,
    onlyFirst: said.filter(({ a, b }) => a !== null && b === null).length,
    onlySecond: said.filter(({ a, b }) => a === null && b !== null).length,
    neither: said.filter(({ a, b }) => a === null && b === null).length,
    multiAttempt: measure(pairs, (rows) => cohenKappa(labels(rows, (each) => Number(isMulti(each)))).kappa),
    attempts: measure(pairs, (rows) => cohenKappa({ ...labels(rows, count), weights: "linear" }).kappa),
    improved: measure(pairs, (rows) => cohenKappa(labels(rows, success)).kappa),
    pearson: measure(scored, (rows) => {
      const { first: x, second: y } = firstScores(rows);
      return pearson({ x, y }).r;
    }),
    spearman: measure(scored, (rows) => {
      const { first: x, second: y } = firstScores(rows);
      return spearman({ x, y }).r;
    }),
    alpha: measure(scored, (rows) => {
      const scores = firstScores(rows);
      return krippendorffAlpha({ ratings: [scores.first, scores.second], metric: "interval" }).alpha;
    }),
    bias: measure(scored, (rows) => shareOf(rows, ({ a, b }) => (b.scores[0] ?? 0) - (a.scores[0] ?? 0))),
    direction: measure(several, (rows) =>
      shareOf(rows, ({ a, b }) => Number(Math.sign(rise(a)) === Math.sign(rise(b)))),
    ),
    boundaries: measure(several, (rows) => shareOf(rows, ({ a, b }) => foundAgain(a, b))),
  };
}

function shareOf(rows: readonly Pair[], of: (pair: Pair) => number): number | null {
  return rows.length === 0 ? null : rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
}

/** Share of the restarts in `a` near one in `b`. */
function foundAgain(a: Opinion, b: Opinion): number {
  const restarts = a.starts.slice(1);
  const others = b.starts.slice(1);
  const found = restarts.filter((start) => others.some((other) => Math.abs(other - start) <= NEAR));
  return restarts.length === 0 ? 0 : found.length / restarts.length;
}

export interface Disagreement {
  key: string;
  /** The largest of what they disagree about first: whether there are several attempts, then direction, then the first score. */
  about: "attempts" | "direction" | "score";
  /** Scores of the attempts, by both. */
  first: readonly number[];
  second: readonly number[];
}

/** Responses that the judges see differently, the worst first. @param tolerance score points that don't matter, @default 25 */
export function disagreements({
  responses,
  first,
  second,
  tolerance = 25,
}: Pick<AgreementOptions, "responses" | "first" | "second"> & { tolerance?: number }): Disagreement[] {
  const found: (Disagreement & { weight: number })[] = [];
  for (const { key, opinions } of responses) {
    const a = opinions.get(first) ?? null;
    const b = opinions.get(second) ?? null;
    if (a === null || b === null) continue;
    const scores = { key, first: a.scores, second: b.scores };
    const apart = Math.abs((a.scores[0] ?? 0) - (b.scores[0] ?? 0));
    if (isMulti(a) !== isMulti(b) || (a.scores.length === 0) !== (b.scores.length === 0)) {
      found.push({ ...scores, about: "attempts", weight: 300 + apart });
    } else if (isMulti(a) && Math.sign(rise(a)) !== Math.sign(rise(b))) {
      found.push({ ...scores, about: "direction", weight: 200 + Math.abs(rise(a) - rise(b)) / 2 });
    } else if (apart > tolerance) {
      found.push({ ...scores, about: "score", weight: apart });
    }
  }
  return found.toSorted((a, b) => b.weight - a.weight).map(({ weight: _, ...rest }) => rest);
}
