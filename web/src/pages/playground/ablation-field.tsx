/** Which latents are clamped to 0 while the steered answer is written. */
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import { counted } from "../../lib/format.ts";
import { SelectField } from "../../ui/fields.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { type AblationKind, ablationKind, latentsIn } from "./form-state.ts";

export interface AblationFieldProps {
  ablate: string | undefined;
  detectors: Playground["detectors"];
  onChange: (ablate: string | undefined) => void;
}

export function AblationField({ ablate, detectors, onChange }: AblationFieldProps) {
  const kind = ablationKind(ablate);
  const chosen = kind === "chosen" ? latentsIn(ablate ?? "") : [];
  const choose = (latents: readonly number[]) =>
    onChange(latents.length === 0 ? "chosen" : latents.join(","));
  const options: { value: AblationKind; name: string }[] = [
    { value: "none", name: "nothing" },
    ...(detectors.length > 0 || kind === "all"
      ? [{ value: "all" as const, name: `all ${counted(detectors.length, "detector")}` }]
      : []),
    { value: "chosen", name: "chosen latents" },
  ];
  return (
    <>
      <SelectField
        label="Ablate in the steered answer"
        value={kind}
        options={options}
        onChange={(next) => onChange(next === "none" ? undefined : next)}
      />
      {kind !== "chosen" ? null : (
        <>
          <SearchField
            type="text"
            label="Latents to ablate"
            placeholder="numbers, separated by commas"
            inputMode="numeric"
            value={chosen.join(", ")}
            onChange={(text) => choose(latentsIn(text))}
          />
          {detectors.length === 0 ? null : (
            <fieldset className="play-detectors">
              <legend className="field-label">Detectors</legend>
              {detectors.map(({ latent, label }) => (
                <label key={latent} className="play-check">
                  <input
                    type="checkbox"
                    checked={chosen.includes(latent)}
                    onChange={(event) =>
                      choose(
                        event.target.checked ? [...chosen, latent] : chosen.filter((each) => each !== latent),
                      )
                    }
                  />
                  <span>
                    <span className="number">{latent}</span> {label ?? ""}
                  </span>
                </label>
              ))}
            </fieldset>
          )}
        </>
      )}
    </>
  );
}
