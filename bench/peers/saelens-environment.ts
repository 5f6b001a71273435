/** The Python environment of SAELens, apart from that of transformers: their versions of common packages differ. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const FOLDER = fileURLToPath(new URL("../.peers-saelens/", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("./requirements-saelens.txt", import.meta.url));
const VERSIONS_FILE = path.join(FOLDER, "versions.json");
export const SAELENS_PYTHON = path.join(
  FOLDER,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

const installedSchema = z.strictObject({
  requirements: z.string(),
  versions: z.record(z.string(), z.string()),
});

const ASK_VERSIONS = `
import json, platform, sys
from importlib.metadata import version
names = [line.split("==")[0] for line in open(sys.argv[1]).read().split()]
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}}))
`;

/** Versions of what is installed; installs it first where it is not. */
export function saelensVersions({ python = "python3" }: { python?: string } = {}): Record<string, string> {
  const requirements = readFileSync(REQUIREMENTS, "utf8");
  if (existsSync(VERSIONS_FILE)) {
    const installed = installedSchema.parse(JSON.parse(readFileSync(VERSIONS_FILE, "utf8")));
    if (installed.requirements === requirements) return installed.versions;
  }
  if (!existsSync(SAELENS_PYTHON)) execFileSync(python, ["-m", "venv", FOLDER], { stdio: "inherit" });
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "-r",
    REQUIREMENTS,
  ];
  execFileSync(SAELENS_PYTHON, pip, { stdio: "inherit" });
  const answer = execFileSync(SAELENS_PYTHON, ["-c", ASK_VERSIONS, REQUIREMENTS], { encoding: "utf8" });
  const versions = z.record(z.string(), z.string()).parse(JSON.parse(answer));
  // written last: a broken installation leaves no such file and is done again
  writeFileSync(VERSIONS_FILE, `${JSON.stringify({ requirements, versions }, null, 2)}\n`);
  return versions;
}
