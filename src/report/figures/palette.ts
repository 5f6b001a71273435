/**
 * Colours of figures, after Okabe and Ito's set for all kinds of colour vision. Nothing is told by colour alone. Each mark carries its light colour as
 * an attribute, so that any program draws it; style sheets replace it by class.
 */

export type Theme = "light" | "dark";

/** `second` is for what data are held against: zero, a target, a mean. */
export const COLORS = {
  paper: { light: "#ffffff", dark: "#14171a" },
  ink: { light: "#1b1f23", dark: "#e8eaed" },
  muted: { light: "#59636e", dark: "#a3adb8" },
  accent: { light: "#0072b2", dark: "#56b4e9" },
  second: { light: "#d55e00", dark: "#e69f00" },
} as const;

export const ACCENT = COLORS.accent.light;
export const SECOND = COLORS.second.light;
export const MUTED = COLORS.muted.light;
export const PAPER = COLORS.paper.light;

/** Declarations of `--cs-NAME`. */
export function colorVariables(theme: Theme): string {
  return Object.entries(COLORS)
    .map(([name, color]) => `--cs-${name}:${color[theme]}`)
    .join(";");
}

/** What the classes of marks look like, from the variables. */
export const MARK_STYLE = [
  ".cs-figure{color:var(--cs-ink);max-width:100%}",
  ".cs-figure text{white-space:pre}",
  ".cs-data,.cs-bar,.cs-band{fill:var(--cs-accent)}",
  ".cs-data-hollow{fill:var(--cs-paper);stroke:var(--cs-accent)}",
  ".cs-line{stroke:var(--cs-accent)}",
  ".cs-data-mean{fill:var(--cs-second);stroke:var(--cs-paper)}",
  ".cs-reference,.cs-mean-interval{stroke:var(--cs-second)}",
  ".cs-grid{stroke:var(--cs-muted)}",
  ".cs-note{fill:var(--cs-muted)}",
].join("\n");

/** For an SVG that stands alone: follows the reader's preference. */
export const STANDALONE_STYLE = [
  `.cs-figure{${colorVariables("light")};background:var(--cs-paper)}`,
  `@media (prefers-color-scheme:dark){.cs-figure{${colorVariables("dark")}}}`,
  MARK_STYLE,
].join("\n");
