import { visibleText } from "../../../../src/report/visible-text.ts";
import type { LatentDetail } from "../../../../src/server/viewer/api/latents.ts";
import { short } from "../../lib/format.ts";
import { LEVELS, levelOf } from "./levels.ts";

/** Texts with their tokens shaded and underlined by value; a value stands in the token's title. */
export function Contexts({ contexts }: Pick<LatentDetail, "contexts">) {
  const peaks = contexts.map(({ values }) => Math.max(0, ...values));
  const max = Math.max(0, ...peaks);
  return (
    <>
      <p className="context-legend small muted">
        <span>weak</span>
        {Array.from({ length: LEVELS }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps do not move
          <span key={i} className={`fired-${i + 1}`}>
            &nbsp;&nbsp;&nbsp;
          </span>
        ))}
        <span>strong, up to {short(max, 2)}</span>
      </p>
      <ol className="contexts">
        {contexts.map(({ tokens, values }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the texts do not move
          <li key={i}>
            <span className="context-peak number" title="largest value in this text">
              {short(peaks[i] ?? 0, 1)}
            </span>
            <p className="context">
              {tokens.map((token, at) => (
                <Token
                  // biome-ignore lint/suspicious/noArrayIndexKey: tokens do not move
                  key={at}
                  text={token}
                  value={values[at] ?? 0}
                  max={max}
                />
              ))}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}

function Token({ text, value, max }: { text: string; value: number; max: number }) {
  const level = levelOf(value, max);
  const shown = visibleText(text).replaceAll("\n", "↵");
  if (level === 0) return shown;
  return (
    <span className={`fired-${level}`} title={short(value, 2)}>
      {shown}
    </span>
  );
}
