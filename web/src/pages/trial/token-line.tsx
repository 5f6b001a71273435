/** The curve over the tokens, with the attempts above it; a slider that chooses the token that is looked at. */
import { type KeyboardEvent, memo, type PointerEvent } from "react";
import type { AttemptRecord } from "../../../../src/store/records.ts";
import { short } from "../../lib/format.ts";
import { rowForKey } from "../trials/row-keys.ts";
import { type Domain, heightOf, linePath, ticksOf } from "./line-path.ts";
import { firstTokenFrom } from "./token-at.ts";
import "./token-line.css";

export interface TokenLineProps {
  /** Of each token; null where it has none. */
  values: readonly (number | null)[];
  domain: Domain;
  unit: string;
  offsets: readonly number[];
  attempts: readonly AttemptRecord[];
  /** UTF-16 offset where the answer returns to its topic without restart wording. */
  recoveryAt: number | null;
  token: number | null;
  /** The value of the slider in words. */
  tokenWords: string;
  onPoint: (token: number | null) => void;
  onChoose: (token: number) => void;
  onPin: () => void;
}

/** Tokens of one step of page up and down. */
const LEAP = 11;

export function TokenLine(props: TokenLineProps) {
  const { values, domain, unit, offsets, attempts, recoveryAt, token, tokenWords, onPoint, onChoose, onPin } =
    props;
  const total = values.length;
  if (total === 0) return null;
  const share = (each: number) => `${(100 * each) / total}%`;
  const pointed = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onPoint(Math.max(0, Math.min(total - 1, Math.floor((total * (event.clientX - left)) / width))));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const key = { ArrowRight: "ArrowDown", ArrowLeft: "ArrowUp", PageUp: "PageDown", PageDown: "PageUp" }[
      event.key
    ];
    const to = rowForKey({ key: key ?? event.key, row: token, total, page: LEAP });
    if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onChoose(to);
  };
  return (
    <div className="token-line">
      <div className="line-ticks" aria-hidden="true">
        {ticksOf(domain).map((tick) => (
          <span key={tick} style={{ top: `${100 * heightOf(tick, domain)}%` }}>
            {short(tick)}
          </span>
        ))}
      </div>
      <div
        className="line-plot"
        role="slider"
        tabIndex={0}
        aria-label="Token"
        aria-valuemin={1}
        aria-valuemax={total}
        aria-valuenow={token === null ? 1 : token + 1}
        aria-valuetext={tokenWords}
        onPointerMove={pointed}
        onPointerLeave={() => onPoint(null)}
        onClick={onPin}
        onKeyDown={onKeyDown}
      >
        <Curve values={values} domain={domain} />
        {attempts.map(({ start }, i) => (
          <span
            key={start}
            className="line-attempt"
            style={{ left: share(firstTokenFrom({ offsets, at: start })) }}
          >
            {i === 0 ? "attempt 1" : i + 1}
          </span>
        ))}
        {recoveryAt === null ? null : (
          <span
            className="line-recovery"
            style={{ left: share(firstTokenFrom({ offsets, at: recoveryAt })) }}
          />
        )}
        {token === null ? null : <span className="line-cursor" style={{ left: share(token + 0.5) }} />}
      </div>
      <p className="line-axis" aria-hidden="true">
        <span>1</span>
        <span>token{unit === "" ? "" : `, in ${unit}`}</span>
        <span>{total}</span>
      </p>
    </div>
  );
}

const Curve = memo(function Curve({ values, domain }: Pick<TokenLineProps, "values" | "domain">) {
  const zero = heightOf(0, domain);
  return (
    <svg viewBox={`0 0 ${values.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      <path className="line-zero" d={`M0 ${zero}H${values.length}`} />
      <path className="line-curve" d={linePath(values, domain)} />
    </svg>
  );
});
