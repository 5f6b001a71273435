/** `npm run try-package [-- demo's flags]`: packs the working tree, installs it in an empty folder, and runs the demo there. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { installInto, packWorkingTree } from "./supply/packed-package.ts";

const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(os.tmpdir(), "countersteer-package-"));
try {
  const { tarball, size, unpackedSize, files } = packWorkingTree({ root, folder });
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `${path.basename(tarball)}: ${megabytes(size)}, unpacked ${megabytes(unpackedSize)} in ${files.length} files`,
  );
  const empty = path.join(folder, "empty");
  const program = installInto({ folder: empty, tarball });
  const demo = [program, "demo", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, demo, { cwd: empty, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
