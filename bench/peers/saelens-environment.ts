/** The Python environment of SAELens. */
import { fileURLToPath } from "node:url";
import { installedVersions, pythonOf } from "./python-environment.ts";

const SAELENS = {
  folder: fileURLToPath(new URL("../.peers-saelens/", import.meta.url)),
  requirements: fileURLToPath(new URL("./requirements-saelens.txt", import.meta.url)),
};
export const SAELENS_PYTHON = pythonOf(SAELENS);

/** Versions of what is installed; installs it first where it is not. */
export function saelensVersions(): Record<string, string> {
  return installedVersions(SAELENS);
}
