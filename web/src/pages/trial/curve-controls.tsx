import { visibleText } from "../../../../src/report/visible-text.ts";
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import { oneLine } from "../../lib/format.ts";
import { OUTCOME_WORDS } from "../../lib/outcomes.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { SelectField } from "../../ui/fields.tsx";
import { type CurveChoice, NO_CURVE } from "./curves.ts";
import { Legend } from "./legend.tsx";
import type { Scale } from "./tones.ts";
import { SMOOTHING, type TrialState } from "./trial-state.ts";

export interface CurveControlsProps {
  choices: readonly CurveChoice[];
  curve: CurveChoice | null;
  window: number;
  scale: Scale | null;
  judgements: TrialDetail["judgements"];
  paired: TrialDetail["paired"];
  state: TrialState;
  update: UpdateUrl<TrialState>;
}

/** How the trial is looked at: what colours the tokens, and which arm stands beside. */
export function CurveControls(props: CurveControlsProps) {
  const { choices, curve, window, scale, judgements, paired, state, update } = props;
  const judges = [...new Set(judgements.map(({ judge }) => judge))];
  return (
    <div className="look">
      <div className="filters look-fields">
        <SelectField
          label="Colour tokens by"
          value={curve?.id ?? NO_CURVE}
          options={[
            ...choices.map(({ id, name }) => ({ value: id, name: oneLine(visibleText(name), 60) })),
            { value: NO_CURVE, name: "nothing" },
          ]}
          onChange={(id) => update({ curve: id, smooth: undefined }, { push: true })}
        />
        <SelectField
          label="Averaged over"
          value={String(window)}
          disabled={curve === null}
          options={SMOOTHING.map((size) => ({
            value: String(size),
            name: size === 1 ? "one token" : `${size} tokens`,
          }))}
          onChange={(size) =>
            update({ smooth: SMOOTHING.find((each) => String(each) === size) }, { push: true })
          }
        />
        {paired.length === 0 ? null : (
          <SelectField
            label="Beside it, the same unit in"
            value={paired.some(({ arm }) => arm === state.beside) ? (state.beside ?? "") : ""}
            options={[
              { value: "", name: "no other arm" },
              ...paired.map(({ arm, outcome }) => ({
                value: arm,
                name: `${visibleText(arm)} ${OUTCOME_WORDS[outcome].mark} ${OUTCOME_WORDS[outcome].label}`,
              })),
            ]}
            onChange={(arm) => update({ beside: arm === "" ? undefined : arm }, { push: true })}
          />
        )}
        {judges.length < 2 ? null : (
          <SelectField
            label="Attempts by"
            value={judgements[0]?.judge ?? ""}
            options={judges.map((judge) => ({ value: judge, name: visibleText(judge) }))}
            onChange={(judge) => update({ judge }, { push: true })}
          />
        )}
      </div>
      {scale === null ? null : <Legend scale={scale} />}
    </div>
  );
}
