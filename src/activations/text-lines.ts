/** The lines of a text file of any size. */
import { createReadStream } from "node:fs";

export interface TextLinesOptions {
  file: string;
  /** False for a file that was cut off in the middle of a character: what is no UTF-8 becomes U+FFFD. @default true */
  strict?: boolean;
}

/**
 * Lines without their end (`\n` or `\r\n`). Only these end a line: Node's own reader also splits at U+2028 and U+2029, which JSON
 * strings may hold as they are. Throws the system's error, and TypeError where the file is no UTF-8.
 */
export async function* textLines({
  file,
  strict = true,
}: TextLinesOptions): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: strict });
  let rest = "";
  for await (const bytes of createReadStream(file)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder.decode();
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
