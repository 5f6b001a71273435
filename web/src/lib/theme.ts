/** Light or dark: the system's preference, or the reader's choice for this browser. */

export const THEMES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];
const KEY = "countersteer-theme";

export function readTheme(storage: Pick<Storage, "getItem"> = window.localStorage): ThemeChoice {
  const kept = storage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? "system";
}

/** `data-theme` of the root decides; the style sheets hold both sides. */
export function applyTheme(theme: ThemeChoice, root: HTMLElement = document.documentElement): void {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function keepTheme(theme: ThemeChoice, storage: Pick<Storage, "setItem"> = window.localStorage): void {
  storage.setItem(KEY, theme);
  applyTheme(theme);
}
