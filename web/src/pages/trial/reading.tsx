/** One response to read: its text, the curve under it, and the token that is looked at in both. */
import { type PointerEvent, useCallback, useMemo, useRef, useState } from "react";
import { visibleText } from "../../../../src/report/visible-text.ts";
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import { ABSENT, short } from "../../lib/format.ts";
import { findWords } from "./find-words.ts";
import type { Domain } from "./line-path.ts";
import { type ArmContent, givenEnd } from "./made.ts";
import { ResponseText } from "./response-text.tsx";
import { textPieces } from "./text-pieces.ts";
import { spanOfToken, tokenAt } from "./token-at.ts";
import { TokenLine } from "./token-line.tsx";
import { offsetAtPoint } from "./token-pointer.ts";
import type { Scale } from "./tones.ts";
import type { ShownCurve } from "./use-curve.ts";
import { useTokenHighlight } from "./use-token-highlight.ts";

export interface ReadingProps {
  trial: TrialDetail["trial"];
  content: ArmContent;
  /** The judgement whose attempts are marked; undefined where there is none. */
  judgement: TrialDetail["judgements"][number] | undefined;
  curve: ShownCurve;
  /** null colours nothing. */
  scale: Scale | null;
  domain: Domain;
  search: string;
  /** Token that stays looked at. */
  pinned: number | null;
  onPin: (token: number | null) => void;
}

export function Reading(props: ReadingProps) {
  const { trial, content, judgement, curve, scale, domain, search, pinned, onPin } = props;
  const { text, offsets, promptTokens, receipt } = trial;
  const attempts = judgement?.attempts ?? NO_ATTEMPTS;
  const root = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const token = [pointed, pinned].find((each) => each !== null && each < offsets.length) ?? null;

  const given = givenEnd({ content, text, offsets, promptTokens, promptRows: receipt?.promptRows ?? null });
  const blocks = useMemo(
    () =>
      textPieces({
        text,
        offsets,
        tones: scale === null ? [] : curve.values.map(scale.toneOf),
        attempts,
        matches: findWords(text, search),
        given: given ?? 0,
      }),
    [text, offsets, scale, curve.values, attempts, search, given],
  );
  const span = token === null ? null : spanOfToken({ offsets, token, length: text.length });
  useTokenHighlight({ root, span, text: blocks });

  const point = useCallback(
    ({ clientX: x, clientY: y }: PointerEvent<HTMLElement>) => {
      const at = root.current === null ? null : offsetAtPoint({ root: root.current, x, y });
      setPointed(at === null ? null : tokenAt({ offsets, at }));
    },
    [offsets],
  );
  const leave = useCallback(() => setPointed(null), []);
  const latest = useRef({ pointed, pinned, onPin });
  latest.current = { pointed, pinned, onPin };
  const pin = useCallback(() => {
    const now = latest.current;
    if (now.pointed !== null) now.onPin(now.pointed === now.pinned ? null : now.pointed);
  }, []);

  const words =
    token === null ? "no token chosen" : tokenWords({ token, trial, curve, unit: scale?.unit ?? "" });
  const recovery = judgement?.detail.implicitRecoveryAt;
  return (
    <div className="reading">
      {given === 0 ? null : (
        <p className="given-note">
          {given === null
            ? "The start of this answer was given to the model. How far it reaches is not recorded."
            : "The start in italics was given to the model, not written by it."}
        </p>
      )}
      {text.trim() === "" ? (
        <p className="no-text">The response is empty.</p>
      ) : (
        <ResponseText
          ref={root}
          blocks={blocks}
          attempts={attempts}
          kind={scale?.kind ?? "one-sided"}
          onPoint={point}
          onLeave={leave}
          onPin={pin}
        />
      )}
      {scale === null || curve.values.length === 0 ? null : (
        <>
          <TokenLine
            values={curve.values}
            domain={domain}
            unit={scale.unit}
            offsets={offsets}
            attempts={attempts}
            recoveryAt={typeof recovery === "number" ? recovery : null}
            token={token}
            tokenWords={words}
            onPoint={setPointed}
            onChoose={onPin}
            onPin={pin}
          />
          <p className="token-words" data-none={token === null || undefined}>
            {token === null
              ? "Point at a token, or move along the curve with ← and →; a click holds it."
              : words}
          </p>
        </>
      )}
    </div>
  );
}

const NO_ATTEMPTS: NonNullable<ReadingProps["judgement"]>["attempts"] = [];

function tokenWords({
  token,
  trial,
  curve,
  unit,
}: {
  token: number;
  trial: Pick<TrialDetail["trial"], "text" | "offsets">;
  curve: ShownCurve;
  unit: string;
}): string {
  const { text, offsets } = trial;
  const { start, end } = spanOfToken({ offsets, token, length: text.length });
  const [value, mean] = [curve.raw[token] ?? null, curve.values[token] ?? null];
  const number = value === null ? `${ABSENT} (not recorded)` : `${short(value, 2)} ${unit}`.trim();
  const smoothed = mean === null || mean === value ? "" : `, ${short(mean, 2)} with its neighbours`;
  const shown = visibleText(text.slice(start, end)).replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  return `Token ${token + 1} of ${offsets.length} “${shown}”: ${number}${smoothed}`;
}
