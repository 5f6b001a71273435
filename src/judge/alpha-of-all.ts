/** One number for any number of judges: Krippendorff's alpha of their scores of the first attempt. */
import { bootstrapStatistic } from "../stats/bootstrap-statistic.ts";
import { krippendorffAlpha } from "../stats/krippendorff.ts";
import type { AgreementOptions, Measure, RatedResponse } from "./agreement.ts";

export interface AlphaOfAllOptions extends Pick<AgreementOptions, "responses" | "replicates"> {
  judges: readonly string[];
}

/** Over the responses that at least two of the judges scored; the interval resamples latents. */
export function alphaOfAll({ responses, judges, replicates = 1000 }: AlphaOfAllOptions): Measure {
  const scoresOf = ({ opinions }: RatedResponse) =>
    judges.map((judge) => opinions.get(judge)?.scores[0] ?? null);
  const rows = responses
    .map((response) => ({ latent: response.latent, scores: scoresOf(response) }))
    .filter(({ scores }) => scores.filter((score) => score !== null).length >= 2);
  return bootstrapStatistic({
    rows,
    clusterOf: ({ latent }) => latent,
    statistic: (drawn) =>
      krippendorffAlpha({
        ratings: judges.map((_, judge) => drawn.map(({ scores }) => scores[judge] ?? null)),
        metric: "interval",
      }).alpha,
    replicates,
  });
}
