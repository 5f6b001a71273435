/** The package as it would be published, and as it is after an installation in an empty folder. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const packedSchema = z.object({
  filename: z.string(),
  /** Bytes of the tarball, and of what is in it. */
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string(), size: z.number() })),
});

export type PackedPackage = Omit<z.infer<typeof packedSchema>, "filename"> & { tarball: string };

/** Builds and packs a copy of the working tree, so that nothing in the tree changes while others use it. */
export function packWorkingTree({ root, folder }: { root: string; folder: string }): PackedPackage {
  const tree = path.join(folder, "tree");
  for (const file of filesOf(root)) {
    mkdirSync(path.join(tree, path.dirname(file)), { recursive: true });
    copyFileSync(path.join(root, file), path.join(tree, file));
  }
  symlinkSync(path.join(root, "node_modules"), path.join(tree, "node_modules"));
  npm({ cwd: tree, args: ["pack", "--silent", "--pack-destination", folder] });
  const listed = npm({ cwd: tree, args: ["pack", "--json", "--dry-run", "--ignore-scripts"] });
  const [packed] = z.tuple([packedSchema]).parse(JSON.parse(listed));
  const { filename, ...facts } = packed;
  return { ...facts, tarball: path.join(folder, filename) };
}

/** What git tracks and what it would: no build, no cache. */
function filesOf(root: string): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  const gone = execFileSync("git", ["ls-files", "-z", "--deleted"], { cwd: root, encoding: "utf8" });
  const missing = new Set(gone.split("\0"));
  return listed.split("\0").filter((file) => file !== "" && !missing.has(file));
}

/** Installs without any install script, from npm's cache where it can; the path of the program. */
export function installInto({ folder, tarball }: { folder: string; tarball: string }): string {
  mkdirSync(folder);
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  npm({
    cwd: folder,
    args: ["install", "--silent", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball],
  });
  return path.join(folder, "node_modules/countersteer/bin/countersteer.js");
}

function npm({ cwd, args }: { cwd: string; args: string[] }): string {
  // neither the settings of the npm that runs this nor a test runner's NODE_ENV belong to a build
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== "NODE_ENV" && !/^npm_(?!config_)/i.test(name)),
  );
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 26 });
}
