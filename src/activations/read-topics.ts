/** What a model is asked to write about: a text file, one topic a line. */
import { readFile } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";
import { assetPath } from "../sae/asset-path.ts";

export interface ReadTopicsOptions {
  /** null takes the shipped list: 3,000 nouns of WordNet. */
  file: string | null;
}

/** Each topic once, in the order of the file. Throws CONFIG_INVALID for a file without any. */
export async function readTopics({ file }: ReadTopicsOptions): Promise<string[]> {
  const path = file ?? assetPath("wordnet/topics.txt");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The topics ${path} could not be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Give the path of a text file with one topic a line.",
      facts: { path },
      cause,
    });
  });
  const topics = [...new Set(text.split("\n").map((line) => line.trim()))].filter((topic) => topic !== "");
  if (topics.length > 0) return topics;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `The topics ${path} are empty.`,
    why: "The file holds no line with text in it.",
    todo: "Give a text file with one topic a line.",
    facts: { path },
  });
}
