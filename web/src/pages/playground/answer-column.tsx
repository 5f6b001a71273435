/** One side of the comparison: the answer, what was done to it, and its curves. */
import { useId } from "react";
import type { Side } from "../../../../src/server/viewer/api/playground.ts";
import { counted, fixed } from "../../lib/format.ts";
import type { Domain } from "../trial/line-path.ts";
import { firstTokenFrom } from "../trial/token-at.ts";
import type { AnswerState, End, SideState } from "./answer-state.ts";
import { AnswerText } from "./answer-text.tsx";
import { CurveChart } from "./curve-chart.tsx";
import type { SideCurves } from "./shared-axes.ts";

export interface AnswerColumnProps {
  side: Side;
  state: SideState;
  phase: AnswerState["phase"];
  curves: SideCurves;
  domains: Record<keyof SideCurves, Domain>;
  /** Of the axis. */
  tokens: number;
}

const TITLES: Record<Side, string> = { steered: "Steered", unsteered: "Unsteered" };
const NO_ATTEMPTS: End["attempts"] = [];
const CURVES = [
  { of: "topicality", name: "Topicality", unit: "nats, mean of 9 tokens" },
  { of: "detectors", name: "Detectors", unit: "sum of their values" },
] as const;

export function AnswerColumn({ side, state, phase, curves, domains, tokens }: AnswerColumnProps) {
  const id = useId();
  const { text, end } = state;
  const isWriting = phase === "running" && end === null;
  const offsets = state.curves?.offsets ?? [];
  const attempts = end?.attempts ?? NO_ATTEMPTS;
  const restarts = attempts.slice(1).map(({ start }) => firstTokenFrom({ offsets, at: start }));
  return (
    <section className="play-side" aria-labelledby={id}>
      <h2 id={id}>{TITLES[side]}</h2>
      <div className="play-answer" data-side={side} aria-busy={isWriting}>
        {text === "" ? (
          <span className="muted">{isWriting ? "waiting for the first word" : "nothing was written"}</span>
        ) : (
          <AnswerText text={text} attempts={attempts} />
        )}
        {isWriting && text !== "" ? <span className="play-caret" aria-hidden="true" /> : null}
      </div>
      <p className="small muted">{end === null ? " " : receiptLine(end)}</p>
      {CURVES.map(({ of, name, unit }) => {
        const values = curves[of];
        return values === null ? null : (
          <CurveChart
            key={of}
            name={name}
            unit={unit}
            values={values}
            domain={domains[of]}
            tokens={tokens}
            restarts={restarts}
          />
        );
      })}
    </section>
  );
}

const FINISHES: Record<string, string> = { stop: "the model ended it", length: "cut at its length" };

/** What was done, and how the answer ended. */
function receiptLine({ tokens, finish, dose, rowsEdited, attempts }: End): string {
  const edits =
    dose === null ? "no row edited" : `${counted(rowsEdited, "row")} edited, mean dose ${fixed(dose, 3)}`;
  return `${edits}; ${counted(tokens, "token")} (${FINISHES[finish] ?? finish}), ${counted(attempts.length, "attempt")}`;
}
