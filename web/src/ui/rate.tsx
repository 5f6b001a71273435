/** A rate is never without its interval and its denominator. */
import type { ShownRate } from "../../../src/server/viewer/api/common.ts";
import { ABSENT, count, percent, range } from "../lib/format.ts";

export interface RateProps {
  rate: Pick<ShownRate, "successes" | "n" | "estimate" | "lower" | "upper">;
  /** What the interval is, for the title. @default "95 % interval" */
  interval?: string;
}

/** `2.6 %  1.3 to 5.1  12/468`. */
export function Rate({ rate, interval = "95 % interval" }: RateProps) {
  const { successes, n, estimate, lower, upper } = rate;
  if (n === 0) return <span className="rate rate-none">{ABSENT} of 0</span>;
  return (
    <span className="rate">
      <span className="rate-value">{percent(estimate)}</span>{" "}
      <span className="rate-interval" title={interval}>
        <span className="visually-hidden">{interval} </span>
        {range(lower, upper, 100)}
      </span>{" "}
      <span className="rate-n">
        {count(successes)}/{count(n)}
      </span>
    </span>
  );
}
