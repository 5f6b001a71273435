/** The compiler's own declarations of the sources: signatures without bodies, comments kept. */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COMPILER = path.join(ROOT, "node_modules/typescript/bin/tsc");

/** A new temporary folder with a `.d.ts` of every file of `src/`; the caller removes it. */
export function emitDeclarations(): string {
  const out = mkdtempSync(path.join(tmpdir(), "countersteer-declarations-"));
  const flags = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--noCheck", "--outDir", out];
  execFileSync(process.execPath, [COMPILER, ...flags], { cwd: ROOT, stdio: "inherit" });
  return out;
}
