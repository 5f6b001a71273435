/** Reads a result file of the reference, checked. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CountersteerError, messageOf } from "../../errors.ts";
import { parseReferenceName, type ReferenceName } from "./file-name.ts";
import { type ReferenceResults, resultsSchema } from "./schema.ts";

export interface ReferenceFile {
  /** As it was given. */
  path: string;
  name: string;
  sha256: string;
  named: ReferenceName | null;
  /** The folder's name where it names a judge (METHOD.md 6.3), which the settings do not reliably do (1.7). */
  judgeFolder: string | null;
  data: ReferenceResults;
}

/** Places of wrong content that an error lists. */
const SHOWN = 8;

/** Throws CONFIG_INVALID for a file that can't be read, is no UTF-8, no JSON, or no result file; the error says where. */
export function readReferenceFile(file: string): ReferenceFile {
  const bytes = attempt(file, "can't be read", () => readFileSync(file));
  const text = attempt(file, "is no UTF-8 text", () =>
    new TextDecoder("utf-8", { fatal: true }).decode(bytes),
  );
  const value: unknown = attempt(file, "is no JSON", () => JSON.parse(text));
  const parsed = resultsSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: place, message }) => `${placeText(place)}: ${message}`);
    const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : [];
    throw invalid({
      file,
      flaw: "is no result file of the reference",
      problems: [...problems.slice(0, SHOWN), ...more],
    });
  }
  const folder = path.basename(path.dirname(path.resolve(file)));
  const name = path.basename(file);
  return {
    path: file,
    name,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    named: parseReferenceName(name),
    judgeFolder: folder.endsWith("_judge") ? folder : null,
    data: parsed.data,
  };
}

/** What makes a file's content impossible, with its place. */
export function invalid({
  file,
  flaw,
  problems,
  cause,
}: {
  file: string;
  flaw: string;
  problems: readonly string[];
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} ${flaw}.`,
    why: `${problems.join("; ")}.`,
    todo: "Give result files as METHOD.md 7.1 describes them, unchanged; docs/reference-data.md says what is read.",
    facts: { file, problems },
    cause,
  });
}

function attempt<T>(file: string, flaw: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw invalid({ file, flaw, problems: [messageOf(cause).replace(/\.$/, "")], cause });
  }
}

/** For example `results_by_feature[3].trials[0].seed`. */
function placeText(place: readonly PropertyKey[]): string {
  const text = place.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text === "" ? "(top level)" : text.replace(/^\./, "");
}
