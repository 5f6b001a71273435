/** One curve over the tokens of an answer. Both sides share their axes, so that the two charts beside each other compare. */
import { fixed } from "../../lib/format.ts";
import { type Domain, heightOf, linePath, ticksOf } from "../trial/line-path.ts";
import { curveWords } from "./curve-words.ts";

export interface CurveChartProps {
  name: string;
  unit: string;
  /** Of each token; null where a token has no value. */
  values: readonly (number | null)[];
  domain: Domain;
  /** Tokens that the axis has room for. */
  tokens: number;
  /** Tokens at which attempts after the first begin. */
  restarts: readonly number[];
}

export function CurveChart({ name, unit, values, domain, tokens, restarts }: CurveChartProps) {
  const ticks = ticksOf(domain);
  const y = (value: number) => heightOf(value, domain);
  return (
    <figure className="play-chart">
      <figcaption>
        {name} <span className="muted">({unit})</span>
      </figcaption>
      <div className="play-chart-frame">
        <div className="play-chart-ticks" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick} style={{ top: `${100 * y(tick)}%` }}>
              {fixed(tick, decimals(ticks))}
            </span>
          ))}
        </div>
        <svg
          className="play-chart-plot"
          viewBox={`0 0 ${tokens} 1`}
          preserveAspectRatio="none"
          role="img"
          aria-label={curveWords({ name, unit, values })}
        >
          {ticks.map((tick) => (
            <line
              key={tick}
              className={tick === 0 ? "play-zero" : "play-grid"}
              x1={0}
              x2={tokens}
              y1={y(tick)}
              y2={y(tick)}
            />
          ))}
          {restarts.map((token) => (
            <line key={token} className="play-restart-line" x1={token} x2={token} y1={0} y2={1} />
          ))}
          <path className="play-line" d={linePath(values, domain)} />
        </svg>
        <div className="play-chart-tokens" aria-hidden="true">
          <span>0</span>
          <span>{tokens} tokens</span>
        </div>
      </div>
    </figure>
  );
}

function decimals(ticks: readonly number[]): number {
  return Math.max(0, ...ticks.map((tick) => (String(tick).split(".")[1] ?? "").length));
}
