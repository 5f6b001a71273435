/** Values of tokens in steps, so that a style sheet can draw them: by depth of colour and by thickness of a line. */

export const LEVELS = 5;

/** 0 where it is silent, else 1 to `LEVELS` by its share of `max`. */
export function levelOf(value: number, max: number): number {
  return value <= 0 || max <= 0 ? 0 : Math.min(LEVELS, Math.max(1, Math.ceil((LEVELS * value) / max)));
}
