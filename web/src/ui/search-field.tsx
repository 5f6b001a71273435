import { useEffect, useRef, useState } from "react";
import { TextField, type TextFieldProps } from "./fields.tsx";

export interface SearchFieldProps extends TextFieldProps {
  /** Milliseconds without a key after which what was typed counts. @default 250 */
  wait?: number;
}

/** A text field that tells what was typed once the typing rests, or at Enter. A new `value` from outside replaces what stands there. */
export function SearchField({ value, onChange, wait = 250, ...rest }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  const settle = (text: string) => {
    if (text === told.current) return;
    told.current = text;
    tell.current(text);
  };
  useEffect(() => {
    const timer = setTimeout(() => settle(typed), wait);
    return () => clearTimeout(timer);
  });
  return (
    <TextField
      type="search"
      {...rest}
      value={typed}
      onChange={setTyped}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle(typed);
      }}
    />
  );
}
