/** The built app that the viewer serves is the app of these sources. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** What of it is in the app: its own files, and the parts of the server and the report that it imports. */
const SOURCES = ["web", "src/server/viewer/api", "src/report", "src/store", "package-lock.json"];

/** Builds `dist/web` where it is missing or older than a source of it. True if it was built. */
export function buildApp(): boolean {
  const index = path.join(root, "dist/web/index.html");
  const newest = Math.max(...SOURCES.map((source) => newestOf(path.join(root, source))));
  if (existsSync(index) && statSync(index).mtimeMs >= newest) return false;
  // the test runner's own NODE_ENV would make a development build of it
  const { NODE_ENV: _, ...env } = process.env;
  execFileSync("npm", ["run", "--silent", "build:web", "--", "--logLevel", "warn"], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  return true;
}

function newestOf(file: string): number {
  const { mtimeMs } = statSync(file);
  if (!statSync(file).isDirectory()) return mtimeMs;
  const inside = readdirSync(file, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name),
  );
  return Math.max(0, ...inside.map(({ parentPath, name }) => statSync(path.join(parentPath, name)).mtimeMs));
}
