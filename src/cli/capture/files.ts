/** The two files of `capture`: the text that is read, and the place that is written to. Both are checked before anything is computed. */
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { CountersteerError, messageOf } from "../../errors.ts";

/** The file's text, UTF-8. Throws CONFIG_INVALID where it can't be read, PROMPT_EMPTY where there is none in it. */
export async function readText({ file }: { file: string }): Promise<string> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} can't be read as text.`,
      why: `${messageOf(cause)}.`,
      todo: "Give the path of a UTF-8 text file.",
      facts: { file },
      cause,
    });
  }
  if (text.trim() === "") {
    throw new CountersteerError("PROMPT_EMPTY", {
      what: `${file} is empty.`,
      why: "There is nothing to read.",
      todo: "Give a file with text in it.",
      facts: { file },
    });
  }
  return text;
}

/** Throws CONFIG_INVALID where no file can be written at this path. */
export async function checkWritable({ file }: { file: string }): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const target = await stat(file).catch(() => null);
  const why = await access(folder, constants.W_OK).then(
    () => (target?.isDirectory() ? "It is a folder." : null),
    (cause: unknown) => `${messageOf(cause)}.`,
  );
  if (why !== null) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} can't be written.`,
      why,
      todo: "Give --out a file in a folder that exists and that you may write to.",
      facts: { file },
    });
  }
}
