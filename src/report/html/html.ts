/** HTML that escapes by default: in html`...` every value is text unless it is `Markup`. Attribute values must stand in double quotes. */
import { visibleText } from "../visible-text.ts";

/** Text that is HTML already. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** null is nothing; lists stand one after another. */
export type HtmlPart = string | number | Markup | null | readonly HtmlPart[];

export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Markup {
  return new Markup(strings.map((text, i) => text + sourceOf(parts[i] ?? null)).join(""));
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return visibleText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function sourceOf(part: HtmlPart): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.source;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(sourceOf).join("");
}
