/** Checks the source tree against `arrows.ts`: one line for each violation, and exit status 1 if there is any. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findViolations, type SourceFile } from "./arrows.ts";

/** What installing, building, running and measuring leave behind; a folder of such a name holds nothing of ours. */
const LEFT_BEHIND = new Set([
  ".git",
  "node_modules",
  "dist",
  "coverage",
  ".cache",
  ".venv",
  "__pycache__",
  ".pytest_cache",
]);
/** Environments of benchmarks' peers: bench/.peers, bench/.peers-saelens and so on. */
const PEERS = ".peers";
/** The folder of experiment results, which only the root has. */
const RESULTS = "runs";

function isLeftBehind(name: string): boolean {
  return LEFT_BEHIND.has(name) || name.startsWith(PEERS);
}

function* textFiles(root: string, folder = ""): Generator<SourceFile> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!isLeftBehind(entry.name) && path !== RESULTS) yield* textFiles(root, path);
    } else if (entry.isFile()) {
      const bytes = readFileSync(join(root, path));
      // a NUL byte near the start: the file is binary, by the rule that git uses
      if (!bytes.subarray(0, 8000).includes(0)) yield { path, text: bytes.toString("utf8") };
    }
  }
}

const root = fileURLToPath(new URL("..", import.meta.url));
const violations = findViolations([...textFiles(root)]);
for (const { path, line, message } of violations) console.log(`${path}:${line} ${message}`);
if (violations.length > 0) process.exitCode = 1;
