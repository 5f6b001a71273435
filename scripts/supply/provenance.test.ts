import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hashFiles, PROVENANCE_FILE, readProvenance, withHashes } from "./provenance-table.ts";

const folder = fileURLToPath(new URL("../../assets", import.meta.url));
const text = readFileSync(`${folder}/${PROVENANCE_FILE}`, "utf8");

test("every asset has one row, and the row has its SHA-256 (npm run provenance)", () => {
  const rows = readProvenance({ text });
  const hashes = hashFiles({ folder });
  expect(rows.map(({ file }) => file).sort()).toEqual([...hashes.keys()]);
  for (const { file, sha256 } of rows) expect(sha256, file).toBe(hashes.get(file));
});

test("every row of the table is read", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(readProvenance({ text })).toHaveLength(rows.length);
});

test("renewing changes checksums and nothing else", () => {
  const stale = text.replaceAll(/`[0-9a-f]{64}`/g, `\`${"0".repeat(64)}\``);
  expect(stale).not.toBe(text);
  expect(withHashes({ text: stale, hashes: hashFiles({ folder }) })).toBe(text);
  expect(withHashes({ text: stale, hashes: new Map() })).toBe(stale);
});
