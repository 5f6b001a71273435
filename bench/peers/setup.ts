/** `node bench/peers/setup.ts`: installs the pinned peers into bench/.peers. Does nothing if they are there. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  type InstalledPeers,
  installedPeers,
  PEERS_FOLDER,
  PYTHON,
  REQUIREMENTS,
  VERSIONS_FILE,
} from "./environment.ts";

const ASK_VERSIONS = `
import json, platform, sys
from importlib.metadata import version
names = [line.split("==")[0] for line in open(sys.argv[1]).read().split()]
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}}))
`;

const { values } = parseArgs({ options: { python: { type: "string", default: "python3" } } });
const installed = installedPeers();
if (installed === null) {
  report(install(values.python));
} else {
  report(installed);
}

function install(python: string): InstalledPeers {
  if (!existsSync(PYTHON)) execFileSync(python, ["-m", "venv", PEERS_FOLDER], { stdio: "inherit" });
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
  execFileSync(PYTHON, pip, { stdio: "inherit" });
  const answer = execFileSync(PYTHON, ["-c", ASK_VERSIONS, REQUIREMENTS], { encoding: "utf8" });
  const peers = {
    requirements: readFileSync(REQUIREMENTS, "utf8"),
    versions: z.record(z.string(), z.string()).parse(JSON.parse(answer)),
  };
  // written last: a broken installation leaves no such file and is done again
  writeFileSync(VERSIONS_FILE, `${JSON.stringify(peers, null, 2)}\n`);
  return peers;
}

function report({ versions }: InstalledPeers): void {
  for (const [name, version] of Object.entries(versions)) console.log(`${name} ${version}`);
}
