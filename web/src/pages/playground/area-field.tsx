/** A labelled text area that tells what was typed once the typing rests, or when it is left. */
import { type TextareaHTMLAttributes, useEffect, useId, useRef, useState } from "react";

export interface AreaFieldProps
  extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "value" | "onChange" | "id"> {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** How `value` comes back for a typed text, where it does not come back as it is. @default as it is */
  told?: (typed: string) => string;
}

const WAIT_MS = 250;

export function AreaField({
  label,
  hint,
  value,
  onChange,
  told = (typed) => typed,
  ...rest
}: AreaFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const last = useRef(value);
  useEffect(() => {
    if (value !== last.current) {
      last.current = value;
      setTyped(value);
    }
  }, [value]);
  const settle = () => {
    const text = told(typed);
    if (text === last.current) return;
    last.current = text;
    onChange(typed);
  };
  useEffect(() => {
    const timer = setTimeout(settle, WAIT_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <textarea
        rows={3}
        {...rest}
        id={id}
        className="textarea"
        value={typed}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={settle}
      />
      {hint === undefined ? null : (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
