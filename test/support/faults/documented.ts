/**
 * `docs/faults.md` says what a user meets; the tests of faults take it from there. A fault is a row of its table: the row names the test's file and
 * title, and the codes that the test holds the program to.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PAGE = new URL("../../../docs/faults.md", import.meta.url);

interface DocumentedFault {
  /** Of the test, from the root of the repository. */
  file: string;
  title: string;
  /** Error codes that the user sees, in the page's order; none where the command goes on. */
  codes: string[];
  cells: string[];
}

/** The rows of the page's tables that end with a test. */
export function documentedFaults(): DocumentedFault[] {
  return readFileSync(PAGE, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, file, title] = /`([^`]+\.test\.ts)`: "([^"]+)" \|$/.exec(line) ?? [];
      if (file === undefined || title === undefined) return [];
      const cells = line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim());
      const codes = [...(cells[1] ?? "").matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, code = ""]) => code);
      return [{ file, title, codes, cells }];
    });
}

interface FaultTestOptions {
  /** `import.meta.url` of the test's file. */
  from: string;
  title: string;
  /** Why it can't be tested on this machine; said aloud. @default null */
  untestable?: string | null;
  /** Gets the codes of the page's row. */
  check: (codes: string[]) => Promise<void>;
}

/** A test of the fault with this title on the page. Throws where the page has no such row for the file. */
export function faultTest({ from, title, untestable = null, check }: FaultTestOptions): void {
  const file = relative(ROOT, fileURLToPath(from)).replaceAll("\\", "/");
  const row = documentedFaults().find((each) => each.file === file && each.title === title);
  if (row === undefined) throw new Error(`docs/faults.md has no row for ${file}: "${title}".`);
  if (untestable !== null) console.warn(`NOT TESTED: ${title}: ${untestable}`);
  test.skipIf(untestable !== null)(title, () => check(row.codes));
}
