/** How strongly is steered: a slider, the number, and the dose that it comes to. */
import { useId } from "react";
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import { fixed } from "../../lib/format.ts";
import { STRENGTH_LIMIT, strengthRange } from "./form-state.ts";
import { NumberField } from "./number-field.tsx";

export interface StrengthFieldProps {
  strength: number;
  shown: Playground;
  dosePerStrength: number | null;
  onChange: (strength: number) => void;
}

export function StrengthField({ strength, shown, dosePerStrength, onChange }: StrengthFieldProps) {
  const id = useId();
  const { least, most, step } = strengthRange(strength, shown);
  const words = doseWords({ strength, dosePerStrength });
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        Strength
      </label>
      <div className="play-strength">
        <input
          id={id}
          className="play-slider"
          type="range"
          min={least}
          max={most}
          step={step}
          value={strength}
          aria-valuetext={`${strength}, ${words}`}
          aria-describedby={`${id}-dose`}
          onChange={(event) => onChange(Number(event.target.value))}
        />
        <NumberField
          label="Strength as a number"
          hideLabel
          value={strength}
          min={-STRENGTH_LIMIT}
          max={STRENGTH_LIMIT}
          onChange={onChange}
        />
      </div>
      <p className="field-hint" id={`${id}-dose`}>
        {words}
      </p>
    </div>
  );
}

function doseWords({
  strength,
  dosePerStrength,
}: {
  strength: number;
  dosePerStrength: number | null;
}): string {
  if (dosePerStrength === null) return "the dose is told with the answer";
  return `dose ${fixed(Math.abs(strength) * dosePerStrength, 2)} of a row's length`;
}
