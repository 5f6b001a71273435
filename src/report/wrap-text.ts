/** Prose for a screen: broken at spaces; a word that is wider than the screen stays whole. */
export interface WrapTextOptions {
  text: string;
  width: number;
  /** Spaces before the first line; the others get two more. @default 0, and then the others get none */
  indent?: number;
}

export function wrapText({ text, width, indent = 0 }: WrapTextOptions): string {
  const hanging = " ".repeat(indent === 0 ? 0 : indent + 2);
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = hanging;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}
