/** The data set's own file: one record a line. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CountersteerError, messageOf } from "../../errors.ts";

/** The file is there as a whole or not at all. Throws DISK_FULL. */
export async function writeLines({
  file,
  lines,
}: {
  file: string;
  lines: readonly unknown[];
}): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await rename(`${file}.part`, file);
  } catch (cause) {
    throw new CountersteerError("DISK_FULL", {
      what: `${file} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Free some space, or give another --out.",
      facts: { file },
      cause,
    });
  }
}
