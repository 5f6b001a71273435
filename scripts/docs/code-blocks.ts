/** Code in Markdown: fenced and indented blocks, and command lines in running text. */

export interface CodeBlock {
  /** From the repository's root. */
  file: string;
  /** Of its first line of code, from 1. */
  line: number;
  /** What stands behind the fence, in lower case; "" for none, "indented" for a block without a fence. */
  language: string;
  code: string;
  /** Why it can't be run offline: `<!-- not run: reason -->` above it. */
  notRun: string | null;
  /** What the block is a file of: `<!-- file: name -->` above it. */
  saveAs: string | null;
}

export interface CodeSpan {
  file: string;
  line: number;
  code: string;
}

const FENCE = /^(?<indent> *)(?<fence>`{3,}|~{3,})(?<language>[\w-]*)/;
const MARKER = /^<!-- (?<kind>not run|file): (?<value>.+) -->$/;

export function codeBlocks({ file, text }: { file: string; text: string }): CodeBlock[] {
  const lines = text.split("\n");
  const blocks: CodeBlock[] = [];
  let marks = NO_MARKS;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line)?.groups;
    if (fence !== undefined) {
      const { indent = "", fence: sign = "", language = "" } = fence;
      const body = until({ lines, from: at + 1, end: (each) => each.trim().startsWith(sign) });
      const code = body.map((each) => each.slice(indent.length)).join("\n");
      blocks.push({ file, line: at + 2, language: language.toLowerCase(), code, ...marks });
      at += body.length + 1;
      marks = NO_MARKS;
    } else if (/^ {4}\S/.test(line) && isIndentedCode(lines, at)) {
      const body = until({ lines, from: at, end: (each) => each.trim() !== "" && !each.startsWith("    ") });
      const code = body
        .map((each) => each.slice(4))
        .join("\n")
        .trimEnd();
      blocks.push({ file, line: at + 1, language: "indented", code, ...marks });
      at += body.length - 1;
      marks = NO_MARKS;
    } else {
      marks = marksAfter({ line, marks });
    }
  }
  return blocks;
}

type Marks = Pick<CodeBlock, "notRun" | "saveAs">;
const NO_MARKS: Marks = { notRun: null, saveAs: null };

/** Marks hold until other text comes. */
function marksAfter({ line, marks }: { line: string; marks: Marks }): Marks {
  const { kind, value = "" } = MARKER.exec(line.trim())?.groups ?? {};
  if (kind === "not run") return { ...marks, notRun: value };
  if (kind === "file") return { ...marks, saveAs: value };
  return line.trim() === "" ? marks : NO_MARKS;
}

/** Code in running text, out of blocks. */
export function codeSpans({ file, text }: { file: string; text: string }): CodeSpan[] {
  const lines = text.split("\n");
  for (const { line, code, language } of codeBlocks({ file, text })) {
    const length = code.split("\n").length;
    for (let at = line - 1; at < line - 1 + length; at++) lines[at] = "";
    if (language !== "indented") lines[line - 2] = "";
    if (language !== "indented") lines[line - 1 + length] = "";
  }
  return lines.flatMap((line, at) =>
    [...line.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => ({ file, line: at + 1, code })),
  );
}

/** Four spaces are code behind an empty line, but the rest of a paragraph or of a list's item elsewhere. */
function isIndentedCode(lines: readonly string[], at: number): boolean {
  if ((lines[at - 1] ?? "").trim() !== "") return false;
  const before = lines.slice(0, at).findLast((line) => line.trim() !== "" && !line.startsWith("  ")) ?? "";
  return !/^(?:[-*]|\d+\.) /.test(before);
}

function until({
  lines,
  from,
  end,
}: {
  lines: readonly string[];
  from: number;
  end: (line: string) => boolean;
}): string[] {
  const length = lines.slice(from).findIndex((line) => end(line));
  return lines.slice(from, length === -1 ? undefined : from + length);
}
