/** The Python environment of those who read our files: pandas, DuckDB and Inspect. */
import { fileURLToPath } from "node:url";
import { installedVersions, pythonOf } from "./python-environment.ts";

const TABLES = {
  folder: fileURLToPath(new URL("../.peers-tables/", import.meta.url)),
  requirements: fileURLToPath(new URL("./requirements-tables.txt", import.meta.url)),
};
export const TABLES_PYTHON = pythonOf(TABLES);

/** Versions of what is installed; installs it first where it is not. */
export function tablesVersions(): Record<string, string> {
  return installedVersions(TABLES);
}
