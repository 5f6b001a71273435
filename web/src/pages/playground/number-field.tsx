/** A labelled number. What is typed stands as it was typed, and counts as soon as it is a number within the limits. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { TextField } from "../../ui/fields.tsx";

export interface NumberFieldProps {
  label: string;
  /** Keeps the label for screen readers only. @default false */
  hideLabel?: boolean;
  hint?: ReactNode;
  value: number;
  min: number;
  max: number;
  /** 1 takes whole numbers only. @default any */
  step?: number | "any";
  onChange: (value: number) => void;
}

export function NumberField({
  label,
  hideLabel = false,
  hint,
  value,
  min,
  max,
  step = "any",
  onChange,
}: NumberFieldProps) {
  const [typed, setTyped] = useState(String(value));
  const last = useRef(value);
  useEffect(() => {
    if (value !== last.current) {
      last.current = value;
      setTyped(String(value));
    }
  }, [value]);
  return (
    <TextField
      type="number"
      inputMode={step === 1 ? "numeric" : "decimal"}
      label={label}
      hideLabel={hideLabel}
      hint={hint}
      min={min}
      max={max}
      step={step}
      required
      value={typed}
      onChange={(text) => {
        setTyped(text);
        const next = Number(text);
        const isGood =
          text.trim() !== "" && next >= min && next <= max && (step !== 1 || Number.isSafeInteger(next));
        if (isGood && next !== last.current) {
          last.current = next;
          onChange(next);
        }
      }}
    />
  );
}
