import { toneClass } from "./tone-class.ts";
import type { Scale } from "./tones.ts";

/** Each tone, with the values that lie between it and its neighbours. */
export function Legend({ scale: { kind, legend, bounds } }: { scale: Scale }) {
  const isTwoSided = kind === "two-sided";
  return (
    <div className="legend">
      <span aria-hidden="true">{isTwoSided ? "off topic" : "silent"}</span>
      <ul aria-label="Colours">
        {legend.map(({ tone, words }, i) => (
          <li key={tone} title={words}>
            <span className={`swatch ${toneClass(kind, tone)}`} />
            <span className="visually-hidden">{words}</span>
            <span className="bound" aria-hidden="true">
              {bounds[i]}
            </span>
          </li>
        ))}
      </ul>
      <span aria-hidden="true">{isTwoSided ? "on topic, nats" : "fires most"}</span>
    </div>
  );
}
