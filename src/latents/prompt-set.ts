/** A prompt set: a text file with one user message a line. */
import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";

export interface LoadPromptsOptions {
  path: string;
}

/**
 * The prompts of a file, in its order, without surrounding white space. A line break at the end of the file is not a prompt.
 * Throws PROMPT_EMPTY for a file without prompts, an empty line or a prompt that occurs twice, CONFIG_INVALID for an unreadable file.
 */
export async function loadPrompts({ path }: LoadPromptsOptions): Promise<string[]> {
  const text = await readText(path).catch((cause: unknown) => {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The prompt set ${path} could not be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Give the path of a text file in UTF-8 with one prompt a line.",
      facts: { path },
      cause,
    });
  });
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  if (lines.at(-1)?.trim() === "") lines.pop();
  if (lines.length === 0) throw unusable({ path, why: "The file holds no prompt.", facts: {} });
  const firstLine = new Map<string, number>();
  return lines.map((line, i) => {
    const prompt = line.trim();
    if (prompt === "") {
      throw unusable({ path, why: `Line ${i + 1} is empty.`, facts: { line: i + 1 } });
    }
    const first = firstLine.get(prompt);
    if (first !== undefined) {
      throw unusable({
        path,
        why: `Lines ${first} and ${i + 1} are the same prompt, which would count its trials twice.`,
        facts: { line: i + 1, first },
      });
    }
    firstLine.set(prompt, i + 1);
    return prompt;
  });
}

/** Bytes that are no UTF-8 are an error: other characters in their place would be other prompts. */
async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) throw new Error("It is not UTF-8");
  return bytes.toString("utf8");
}

interface Unusable {
  path: string;
  why: string;
  facts: Record<string, unknown>;
}

function unusable({ path, why, facts }: Unusable): CountersteerError {
  return new CountersteerError("PROMPT_EMPTY", {
    what: `The prompt set ${path} can't be used.`,
    why,
    todo: "Put one prompt on each line, without empty or repeated lines.",
    facts: { path, ...facts },
  });
}
