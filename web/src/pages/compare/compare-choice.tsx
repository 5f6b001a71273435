import type { RunRow } from "../../../../src/server/viewer/api/runs.ts";
import type { Patch } from "../../lib/query-state.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/fields.tsx";
import { type CompareState, named, type Side, type Sides } from "./compare-state.ts";

export interface CompareChoiceProps {
  runs: readonly RunRow[];
  sides: Sides;
  outcome: CompareState["outcome"];
  update: UpdateUrl<CompareState>;
}

const OUTCOMES = [
  { value: "multi-attempt", name: "multi-attempt" },
  { value: "esr", name: "ESR success" },
] as const;

/** What was allowed for one pair of runs is not allowed for another. */
export function CompareChoice({ runs, sides, outcome, update }: CompareChoiceProps) {
  const { reference, treatment } = sides;
  const choose = (chosen: Partial<Sides>, patch: Patch<CompareState> = {}) =>
    update({ ...named({ ...sides, ...chosen }), ...patch }, { push: true });
  const ofRun = (run: string): Side => ({ run, arm: null, row: null });
  return (
    <div className="compare-choice">
      <SideChoice
        name="Reference"
        side={reference}
        runs={runs}
        onRun={(run) => choose({ reference: ofRun(run) }, { allow: undefined })}
        onArm={(arm) => choose({ reference: { ...reference, arm } })}
      />
      <SideChoice
        name="Treatment"
        side={treatment}
        runs={runs}
        onRun={(run) => choose({ treatment: ofRun(run) }, { allow: undefined })}
        onArm={(arm) => choose({ treatment: { ...treatment, arm } })}
      />
      <div className="compare-outcome">
        <SelectField
          label="Outcome"
          value={outcome}
          options={OUTCOMES}
          onChange={(chosen) => choose({}, { outcome: chosen })}
        />
        <Button onClick={() => choose({ reference: treatment, treatment: reference })}>Swap</Button>
      </div>
    </div>
  );
}

interface SideChoiceProps {
  name: string;
  side: Side;
  runs: readonly RunRow[];
  onRun: (run: string) => void;
  onArm: (arm: string) => void;
}

function SideChoice({ name, side, runs, onRun, onArm }: SideChoiceProps) {
  const arms = side.row?.run?.arms ?? [];
  const known = arms.map((arm) => ({ value: arm, name: arm }));
  const options =
    side.arm === null
      ? [{ value: "", name: "choose an arm" }, ...known]
      : arms.includes(side.arm)
        ? known
        : [{ value: side.arm, name: `${side.arm} (not in this run)` }, ...known];
  const choices = runs
    .filter(({ run }) => run !== null)
    .map(({ id, name: runName }) => ({ value: id, name: runName }));
  return (
    <fieldset className="compare-side">
      <legend>{name}</legend>
      <SelectField
        label="Run"
        value={side.run}
        options={
          choices.some(({ value }) => value === side.run)
            ? choices
            : [{ value: side.run, name: `${side.run} (not here)` }, ...choices]
        }
        onChange={onRun}
      />
      <SelectField
        label="Arm"
        value={side.arm ?? ""}
        options={options}
        onChange={(arm) => (arm === "" ? undefined : onArm(arm))}
      />
    </fieldset>
  );
}
