/** The documents whose code is checked. What is generated from the program can't name what it doesn't have, and is left out. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENTS = ["*.md", "docs/**/*.md", "bench/*.md", "python/*.md", "web/*.md", "llms.txt"];
/** The log tells what was, so its commands may be gone. */
const LEFT_OUT = /^docs\/(?:api\/|commands\.md|LOG\.md)/;

export interface Document {
  /** From the repository's root. */
  file: string;
  text: string;
}

export function documents(): Document[] {
  return globSync(DOCUMENTS, { cwd: ROOT })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !LEFT_OUT.test(file))
    .sort()
    .map((file) => ({ file, text: readFileSync(`${ROOT}${file}`, "utf8") }));
}
