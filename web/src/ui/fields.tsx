/** Labelled controls. */
import { type InputHTMLAttributes, type ReactNode, useId } from "react";

interface FieldProps {
  label: string;
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean;
  /** One line under the control. */
  hint?: ReactNode;
}

function Field({
  id,
  label,
  hideLabel = false,
  hint,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      {children}
      {hint === undefined ? null : (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export interface SelectOption<V extends string> {
  value: V;
  name: string;
}

export interface SelectFieldProps<V extends string> extends FieldProps {
  value: V;
  options: readonly SelectOption<V>[];
  onChange: (value: V) => void;
  disabled?: boolean;
}

export function SelectField<V extends string>({
  value,
  options,
  onChange,
  disabled = false,
  ...field
}: SelectFieldProps<V>) {
  const id = useId();
  return (
    <Field id={id} {...field}>
      <select
        id={id}
        className="select"
        value={value}
        disabled={disabled}
        aria-describedby={field.hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </Field>
  );
}

export interface TextFieldProps
  extends FieldProps,
    Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "id"> {
  value: string;
  onChange: (value: string) => void;
}

export function TextField({ label, hideLabel = false, hint, value, onChange, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hideLabel={hideLabel} hint={hint}>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        className="input"
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
