/** An estimate and its interval on an axis that the rows of a table share. Says nothing that does not stand in words beside it. */
import { placeOn } from "../lib/scale.ts";

export interface IntervalBarProps {
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  from?: number;
  to: number;
  /** Drawn as a line, for example no difference. */
  zero?: number;
}

const WIDTH = 120;
const INSET = 4;

export function IntervalBar({ estimate, lower, upper, from = 0, to, zero }: IntervalBarProps) {
  const at = (value: number) => INSET + placeOn(value, from, to) * (WIDTH - 2 * INSET);
  return (
    <svg className="interval-bar" viewBox={`0 0 ${WIDTH} 16`} width={WIDTH} height="16" aria-hidden="true">
      <line className="interval-axis" x1={INSET} x2={WIDTH - INSET} y1="8" y2="8" />
      {zero === undefined ? null : (
        <line className="interval-zero" x1={at(zero)} x2={at(zero)} y1="1" y2="15" />
      )}
      {lower === null || upper === null ? null : (
        <line className="interval-range" x1={at(lower)} x2={at(upper)} y1="8" y2="8" />
      )}
      {estimate === null ? null : <circle className="interval-point" cx={at(estimate)} cy="8" r="3.5" />}
    </svg>
  );
}
