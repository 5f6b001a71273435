/** Corpora from disk: `.jsonl` holds one document a line, `.txt` is cut into documents at blank lines. */
import path from "node:path";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import { type Document, documentSchema } from "./documents.ts";
import { textLines } from "./text-lines.ts";

export interface ReadDocumentsOptions {
  /** Read in this order. */
  files: readonly string[];
}

/** Short paragraphs are joined up to so many UTF-16 units: a line of its own would teach little about text with a context. */
const TEXT_UNITS = 2000;

/**
 * Every document of the files. Throws CONFIG_INVALID, with file and line, for a line that is no document, a file that can't be read,
 * holds none or has another ending.
 */
export async function* readDocuments({ files }: ReadDocumentsOptions): AsyncGenerator<Document, void, void> {
  for (const file of files) {
    let found = 0;
    for await (const document of documentsOf(file)) {
      found += 1;
      yield document;
    }
    if (found === 0) {
      throw invalid({
        file,
        what: `${file} holds no documents.`,
        why: "It is empty, or has blank lines only.",
      });
    }
  }
}

function documentsOf(file: string): AsyncGenerator<Document, void, void> {
  switch (path.extname(file).toLowerCase()) {
    case ".jsonl":
      return jsonDocuments(file);
    case ".txt":
      return textDocuments(file);
    default:
      throw invalid({
        file,
        what: `${file} is no known kind of corpus.`,
        why: "It ends neither in .jsonl nor in .txt.",
      });
  }
}

async function* jsonDocuments(file: string): AsyncGenerator<Document, void, void> {
  let line = 0;
  for await (const text of readable(file)) {
    line += 1;
    if (text.trim() !== "") yield parseLine({ file, line, text });
  }
}

function parseLine({ file, line, text }: { file: string; line: number; text: string }): Document {
  const what = `Line ${line} of ${file} is no document.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid({ file, line, what, why: `${messageOf(cause)}.`, cause });
  }
  const parsed = documentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid({ file, line, what, why: `${z.prettifyError(parsed.error).replaceAll("\n", " ")}.` });
}

async function* textDocuments(file: string): AsyncGenerator<Document, void, void> {
  let joined = "";
  for await (const paragraph of paragraphs(file)) {
    if (joined !== "" && joined.length + paragraph.length + 2 > TEXT_UNITS) {
      yield { kind: "text", text: joined };
      joined = "";
    }
    joined = joined === "" ? paragraph : `${joined}\n\n${paragraph}`;
  }
  if (joined !== "") yield { kind: "text", text: joined };
}

async function* paragraphs(file: string): AsyncGenerator<string, void, void> {
  let lines: string[] = [];
  for await (const line of readable(file)) {
    if (line.trim() !== "") {
      lines.push(line);
    } else if (lines.length > 0) {
      yield lines.join("\n");
      lines = [];
    }
  }
  if (lines.length > 0) yield lines.join("\n");
}

async function* readable(file: string): AsyncGenerator<string, void, void> {
  try {
    yield* textLines({ file });
  } catch (cause) {
    throw invalid({ file, what: `${file} can't be read as text.`, why: `${messageOf(cause)}.`, cause });
  }
}

interface Fault {
  file: string;
  line?: number;
  what: string;
  why: string;
  cause?: unknown;
}

function invalid({ file, line, what, why, cause }: Fault): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what,
    why,
    todo: 'Give .txt files, or .jsonl files with {"kind":"chat","prompt":"...","response":"..."} or {"kind":"text","text":"..."} on each line.',
    facts: { file, ...(line === undefined ? {} : { line }) },
    cause,
  });
}
