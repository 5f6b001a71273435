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
  metric: Exclude<AlphaMetric, "interval">,
  counts: readonly number[],
  i: number,
  j: number,
): number {
  switch (metric) {
    case "nominal":
      return 1;
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
  const { observed, expected } =
    metric === "interval" ? intervalDistances(items) : coincidentDistances(items, metric);
  return { ...result, alpha: expected > 0 && items.length > 1 ? 1 - observed / expected : null };
}

interface Distances {
  /** Sums of squared distances within items, and over all ratings; both a rating. */
  observed: number;
  expected: number;
}

function coincidentDistances(
  items: readonly number[][],
  metric: Exclude<AlphaMetric, "interval">,
): Distances {
  const pairable = items.flat();
  const values = [...new Set(pairable)].sort((x, y) => x - y);
  const indexOf = new Map(values.map((value, index) => [value, index]));
  const counts = values.map((value) => pairable.filter((rating) => rating === value).length);
  const distances = values.map((_, i) =>
    values.map((_, j) => (i === j ? 0 : squaredDistance(metric, counts, Math.min(i, j), Math.max(i, j)))),
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
  return { observed, expected };
}

/** Without a table of values: scores are hardly ever equal, and it would have a row and a column for each. */
function intervalDistances(items: readonly number[][]): Distances {
  const pairable = items.flat();
  return {
    observed: items.reduce((sum, given) => sum + squaredDistances(given) / (given.length - 1), 0),
    expected: pairable.length > 1 ? squaredDistances(pairable) / (pairable.length - 1) : 0,
  };
}

/** Of all ordered pairs. From the first value, so that equal values give exactly 0. */
function squaredDistances(values: readonly number[]): number {
  const shifted = values.map((value) => value - (values[0] ?? 0));
  const mean = shifted.reduce((sum, value) => sum + value, 0) / values.length;
  return 2 * values.length * shifted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
