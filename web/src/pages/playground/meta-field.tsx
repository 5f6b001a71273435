/** The sentence that stands behind the question: one of the shipped, or one's own. */
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import { SelectField } from "../../ui/fields.tsx";
import { AreaField } from "./area-field.tsx";

export interface MetaFieldProps {
  /** A name, a text, or empty. */
  meta: string;
  metaPrompts: Playground["metaPrompts"];
  onChange: (meta: string) => void;
}

const OWN = "own text";

export function MetaField({ meta, metaPrompts, onChange }: MetaFieldProps) {
  const named = metaPrompts.find(({ name }) => name === meta);
  const kind = meta === "" ? "" : (named?.name ?? OWN);
  const options = [
    { value: "", name: "none" },
    ...metaPrompts.map(({ name }) => ({ value: name, name })),
    { value: OWN, name: OWN },
  ];
  return (
    <>
      <SelectField
        label="Meta-prompt"
        value={kind}
        options={options}
        hint={named?.text}
        onChange={(next) =>
          onChange(next === OWN ? (named?.text ?? metaPrompts[0]?.text ?? "Keep to the question.") : next)
        }
      />
      {kind !== OWN ? null : (
        <AreaField
          label="Text of the meta-prompt"
          hint="{label} stands for the steered latent's label"
          maxLength={5000}
          value={meta}
          onChange={onChange}
        />
      )}
    </>
  );
}
