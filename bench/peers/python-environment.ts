/** A Python environment of one group of peers, in a folder of its own: versions of common packages differ between groups. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

export interface PythonEnvironment {
  folder: string;
  /** File of pinned packages. */
  requirements: string;
}

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

export function pythonOf({ folder }: Pick<PythonEnvironment, "folder">): string {
  return path.join(folder, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
}

/** Versions of what is installed; installs it first where it is not. */
export function installedVersions({
  folder,
  requirements: file,
  python = "python3",
}: PythonEnvironment & { python?: string }): Record<string, string> {
  const requirements = readFileSync(file, "utf8");
  const versionsFile = path.join(folder, "versions.json");
  if (existsSync(versionsFile)) {
    const installed = installedSchema.parse(JSON.parse(readFileSync(versionsFile, "utf8")));
    if (installed.requirements === requirements) return installed.versions;
  }
  const own = pythonOf({ folder });
  if (!existsSync(own)) execFileSync(python, ["-m", "venv", folder], { stdio: "inherit" });
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", file];
  execFileSync(own, pip, { stdio: "inherit" });
  const answer = execFileSync(own, ["-c", ASK_VERSIONS, file], { encoding: "utf8" });
  const versions = z.record(z.string(), z.string()).parse(JSON.parse(answer));
  // written last: a broken installation leaves no such file and is done again
  writeFileSync(versionsFile, `${JSON.stringify({ requirements, versions }, null, 2)}\n`);
  return versions;
}
