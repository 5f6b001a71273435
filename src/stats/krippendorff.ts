/** Krippendorff's alpha: agreement of any number of judges with missing ratings (Krippendorff 2011, computed from coincidences). */
export type AlphaMetric = "nominal" | "ordinal" | "interval";

export interface AlphaOptions {
  /** `[judges][items]`; null is a missing rating. Items with fewer than two ratings carry no information and are dropped. */
  ratings: readonly (readonly (number | null)[])[];
  metric: AlphaMetric;
}

export interface Alpha {
  /** Null when fewer than two items can be compared or all ratings are equal. */
  alpha: number | null;
  /** Items with at least two ratings, and the ratings in them. */
  items: number;
  ratings: number;
}

/** Squared distance of values `i < j` (indices of ascending values); `counts[v]` is how often each occurs. */
function squaredDistance(
  metric: AlphaMetric,
  values: readonly number[],
  counts: readonly number[],
  i: number,
  j: number,
): number {
  switch (metric) {
    case "nominal":
      return 1;
    case "interval":
      return ((values[j] ?? 0) - (values[i] ?? 0)) ** 2;
    case "ordinal": {
      const between = counts.slice(i, j + 1).reduce((sum, count) => sum + count, 0);
      return (between - ((counts[i] ?? 0) + (counts[j] ?? 0)) / 2) ** 2;
    }
    default:
      return metric satisfies never;
  }
}

export function krippendorffAlpha({ ratings, metric }: AlphaOptions): Alpha {
  const width = Math.max(0, ...ratings.map((row) => row.length));
  const items = Array.from({ length: width }, (_, item) =>
    ratings.map((row) => row[item] ?? null).filter((rating) => rating !== null),
  ).filter((given) => given.length >= 2);
  const pairable = items.flat();
  const result = { items: items.length, ratings: pairable.length };
  const values = [...new Set(pairable)].sort((x, y) => x - y);
  const indexOf = new Map(values.map((value, index) => [value, index]));
  const counts = values.map((value) => pairable.filter((rating) => rating === value).length);
  const distances = values.map((_, i) =>
    values.map((_, j) =>
      i === j ? 0 : squaredDistance(metric, values, counts, Math.min(i, j), Math.max(i, j)),
    ),
  );
  const distance = (x: number, y: number): number =>
    distances[indexOf.get(x) ?? -1]?.[indexOf.get(y) ?? -1] ?? Number.NaN;

  let observed = 0;
  for (const given of items) {
    for (const x of given) {
      for (const y of given) {
        observed += distance(x, y) / (given.length - 1);
      }
    }
  }
  let expected = 0;
  counts.forEach((a, i) => {
    counts.forEach((b, j) => {
      expected += (a * b * (distances[i]?.[j] ?? 0)) / (pairable.length - 1);
    });
  });
  return { ...result, alpha: expected > 0 && items.length > 1 ? 1 - observed / expected : null };
}
