/**
 * `npm run test:python`: style, types and unit tests of python/, in an environment of its own (.cache/python-test). They need neither torch nor
 * vLLM. Without a Python, or where its packages can't be had, it says so loudly and passes; a failing test fails.
 */
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installedVersions, pythonOf } from "../bench/peers/python-environment.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PROJECT = path.join(ROOT, "python");
const folder = path.join(ROOT, ".cache/python-test");
/** As python/pyproject.toml asks for. */
const LEAST = [3, 11] as const;

const refusal = prepare();
if (refusal !== null) {
  console.error(`*** NOT TESTED: the vLLM plug-in in python/. ${refusal} ***`);
} else {
  const python = pythonOf({ folder });
  const checks = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["pytest", "--ignore", "tests/live"],
  ];
  for (const [module = "", ...rest] of checks) {
    const { status } = spawnSync(python, ["-m", module, ...rest], { cwd: PROJECT, stdio: "inherit" });
    if (status !== 0) {
      console.error(`python -m ${module} ${rest.join(" ")} failed in python/`);
      process.exitCode = 1;
      break;
    }
  }
}

/** Makes the environment; gives the reason where that can't be done. */
function prepare(): string | null {
  try {
    const asked = "import sys; print(sys.version_info.major, sys.version_info.minor)";
    const [major = 0, minor = 0] = execFileSync("python3", ["-c", asked], { encoding: "utf8" })
      .split(" ")
      .map(Number);
    if (major !== LEAST[0] || minor < LEAST[1])
      return `python3 is ${major}.${minor}; ${LEAST.join(".")} is needed.`;
    installedVersions({ folder, requirements: path.join(PROJECT, "requirements-test.txt") });
    return null;
  } catch (error) {
    return `Its environment can't be made: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
