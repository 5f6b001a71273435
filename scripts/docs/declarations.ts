/** Reads a declaration file that the compiler wrote: each exported name with its text and its comment. */

export interface Declared {
  /** As a program sees it, without `export declare`. */
  text: string;
  /** The comment above it, without stars; empty where there is none. */
  doc: string;
}

export interface DeclarationFile {
  /** What the file says of itself, on top. */
  header: string;
  names: Map<string, Declared>;
  /** Names that it only passes on, and the file from which. */
  passedOn: Map<string, string>;
}

const START = /^export (?:declare )?(?:abstract )?(?:function|interface|type|const|class) (\w+)/;
const COMMENT = /^\/\*\*[\s\S]*?\*\//;
const PASSED_ON = /^export (?:type )?\{([^}]*)\} from "([^"]+)";/gm;

/** `source` is the file that was compiled: it tells the file's own comment from that of its first declaration. */
export function readDeclarations({ text, source }: { text: string; source: string }): DeclarationFile {
  const header = headerOf(source);
  const names = new Map<string, Declared>();
  const lines = (header === null ? text : text.replace(header, "")).split("\n");
  let comment: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("/**")) {
      comment = takeWhile({ lines, from: at, last: (each) => each.includes("*/") });
      at += comment.length - 1;
      continue;
    }
    const name = START.exec(line)?.[1];
    const block = takeWhile({ lines, from: at, last: endsStatement() });
    if (name !== undefined) addDeclaration({ names, name, lines: block, comment });
    at += block.length - 1;
    comment = [];
  }
  return { header: header === null ? "" : plainComment(header), names, passedOn: passedOn(text) };
}

/** A comment with which a file begins says what the file is for, whatever follows it. */
function headerOf(source: string): string | null {
  return COMMENT.exec(source)?.[0] ?? null;
}

function addDeclaration({
  names,
  name,
  lines,
  comment,
}: {
  names: Map<string, Declared>;
  name: string;
  lines: string[];
  comment: string[];
}): void {
  const text = lines
    .filter((line) => line.trim() !== "#private;")
    .join("\n")
    .replace(/^export (?:declare )?/, "")
    .replaceAll(/import\("[^"]+"\)\./g, "")
    .replaceAll(/^(?: {4})+/gm, (indent) => indent.slice(indent.length / 2));
  const before = names.get(name);
  // a function may be declared several times
  names.set(name, {
    text: before === undefined ? text : `${before.text}\n${text}`,
    doc: before === undefined ? plainComment(comment.join("\n")) : before.doc,
  });
}

/** Lines from `from` to the first that `last` holds of, at least one. */
function takeWhile({
  lines,
  from,
  last,
}: {
  lines: readonly string[];
  from: number;
  last: (line: string) => boolean;
}): string[] {
  const length = lines.slice(from).findIndex((line) => last(line));
  return lines.slice(from, length === -1 ? undefined : from + length + 1);
}

/** True at the line with which every bracket is closed and the statement ends. */
function endsStatement(): (line: string) => boolean {
  let depth = 0;
  return (line) => {
    const code = line.replaceAll(/"(?:[^"\\]|\\.)*"|\/\*.*?\*\/|=>/g, "");
    for (const sign of code) depth += "{(<[".includes(sign) ? 1 : "})>]".includes(sign) ? -1 : 0;
    return depth <= 0 && /[;}]\s*$|^\s*$/.test(line);
  };
}

function plainComment(comment: string): string {
  return comment
    .replaceAll(/^\s*\/\*\*|\*\/\s*$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .trim();
}

function passedOn(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(PASSED_ON)].flatMap(([, names = "", from = ""]) =>
      names.split(",").map((name): [string, string] => [name.trim().replace(/^type /, ""), from]),
    ),
  );
}
