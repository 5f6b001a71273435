/** `node bench/tables.ts [--write]`: says which documents hold stale tables, or writes them anew. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DOCUMENTS, refreshTables } from "./document-tables.ts";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
for (const document of DOCUMENTS) {
  const file = fileURLToPath(new URL(`../${document}`, import.meta.url));
  if (!existsSync(file)) continue;
  const text = readFileSync(file, "utf8");
  const fresh = refreshTables({ text });
  if (fresh === text) {
    console.log(`${document}: up to date`);
  } else if (values.write) {
    writeFileSync(file, fresh);
    console.log(`${document}: written`);
  } else {
    console.log(`${document}: stale, run node bench/tables.ts --write`);
    process.exitCode = 1;
  }
}
