/** The table of `assets/PROVENANCE.md`: a row a file, with what it was made from and how, its licence and its SHA-256. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The table's own file, which has no row. */
export const PROVENANCE_FILE = "PROVENANCE.md";

export interface Provenance {
  /** Below `assets/`, with forward slashes. */
  file: string;
  origin: string;
  licence: string;
  sha256: string;
}

const ROW = /^\| `([^`]+)` \| (.+?) \| ([^|]+?) \| `([0-9a-f]{64}|)` \|$/gm;

export function readProvenance({ text }: { text: string }): Provenance[] {
  return [...text.matchAll(ROW)].map(([, file = "", origin = "", licence = "", sha256 = ""]) => ({
    file,
    origin,
    licence,
    sha256,
  }));
}

/** SHA-256 of every file below the folder, by its path, but for the table's own. */
export function hashFiles({ folder }: { folder: string }): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }): [string, string] => {
        const file = path.join(parentPath, name);
        return [
          path.relative(folder, file).split(path.sep).join("/"),
          createHash("sha256").update(readFileSync(file)).digest("hex"),
        ];
      })
      .filter(([file]) => file !== PROVENANCE_FILE)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The text with each row's checksum as given; rows of files that are not there stay as they are. */
export function withHashes({ text, hashes }: { text: string; hashes: ReadonlyMap<string, string> }): string {
  return text.replace(ROW, (row, file: string, origin: string, licence: string) => {
    const hash = hashes.get(file);
    return hash === undefined ? row : `| \`${file}\` | ${origin} | ${licence} | \`${hash}\` |`;
  });
}
