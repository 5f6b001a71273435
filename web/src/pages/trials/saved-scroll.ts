/** How far a table is scrolled, kept in the entry of the browser's history, so that going back and reloading find the same rows. */

const NAME = "tableTop";

/** Pixels; null where nothing was kept. */
export function readScroll(history: Pick<History, "state"> = window.history): number | null {
  const { state } = history;
  const top: unknown = typeof state === "object" && state !== null && NAME in state ? state[NAME] : null;
  return typeof top === "number" && top >= 0 ? top : null;
}

export function saveScroll(
  top: number,
  history: Pick<History, "state" | "replaceState"> = window.history,
): void {
  if (readScroll(history) === top) return;
  const kept: unknown = history.state;
  history.replaceState({ ...(typeof kept === "object" ? kept : {}), [NAME]: top }, "");
}
