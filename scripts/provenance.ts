/** `node scripts/provenance.ts`: renews the checksums in assets/PROVENANCE.md, and names files that lack a row and rows that lack a file. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hashFiles, PROVENANCE_FILE, readProvenance, withHashes } from "./supply/provenance-table.ts";

const folder = path.join(import.meta.dirname, "../assets");
const file = path.join(folder, PROVENANCE_FILE);
const text = readFileSync(file, "utf8");
const hashes = hashFiles({ folder });
const named = new Set(readProvenance({ text }).map((row) => row.file));
writeFileSync(file, withHashes({ text, hashes }));
const missing = [...hashes.keys()].filter((each) => !named.has(each));
const gone = [...named].filter((each) => !hashes.has(each));
for (const each of missing) console.log(`${each}: has no row; add one by hand, with \`\` as its checksum`);
for (const each of gone) console.log(`${each}: has a row, and is not there`);
if (missing.length + gone.length > 0) process.exitCode = 1;
