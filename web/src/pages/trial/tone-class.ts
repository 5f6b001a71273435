import type { Scale } from "./tones.ts";

/** Class of response-text.css; none for a tone without a colour. */
export function toneClass(kind: Scale["kind"], tone: number): string {
  if (tone === 0) return "";
  if (kind === "one-sided") return `fires-${tone}`;
  return tone < 0 ? `off-${-tone}` : `on-${tone}`;
}
