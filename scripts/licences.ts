/** `node scripts/licences.ts`: writes docs/licences.md. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { licencesPage } from "./supply/licences-page.ts";
import { lockedPackages } from "./supply/lock-file.ts";
import { readProvenance } from "./supply/provenance-table.ts";

const root = path.join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
writeFileSync(
  path.join(root, "docs/licences.md"),
  licencesPage({
    packages: lockedPackages({ text: read("package-lock.json") }),
    assets: readProvenance({ text: read("assets/PROVENANCE.md") }),
  }),
);
