/** Pieces of Markdown that the generated pages share. */

export const GENERATED = "<!-- Made by `npm run docs`. A test fails where it is stale. -->";

export function table({ head, rows }: { head: string[]; rows: string[][] }): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");
}

/** Text as one cell of a table. */
function cell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}

/** `<folder>` would be a tag that nobody sees, except in code. */
export function withoutTags(text: string): string {
  return text.replaceAll(/`[^`]*`|</g, (part) => (part === "<" ? "\\<" : part));
}

/** Text on one line, from a capital letter to a full stop. */
export function sentence(text: string): string {
  const plain = withoutTags(text.replaceAll(/\s*\n\s*/g, " ").trim());
  const capital = plain.charAt(0).toUpperCase() + plain.slice(1);
  return /[.:!?]$/.test(capital) ? capital : `${capital}.`;
}
