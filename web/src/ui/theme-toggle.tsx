import { useState } from "react";
import { keepTheme, readTheme, THEMES } from "../lib/theme.ts";

const NAMES = { system: "Auto", light: "Light", dark: "Dark" };

/** A button that steps through the system's choice, light and dark. */
export function ThemeToggle() {
  const [theme, setTheme] = useState(() => readTheme());
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      className="theme-toggle"
      title={`Colours: ${NAMES[theme].toLowerCase()}. Change to ${NAMES[next].toLowerCase()}`}
      aria-label={`Colours: ${NAMES[theme]}. Change to ${NAMES[next]}`}
      onClick={() => {
        keepTheme(next);
        setTheme(next);
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.25" className="theme-ring" />
        <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" className="theme-half" />
      </svg>
      <span className="theme-name">{NAMES[theme]}</span>
    </button>
  );
}
