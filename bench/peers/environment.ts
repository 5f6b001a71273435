/** The Python environment of the peers: where it lies, and what is installed in it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export const PEERS_FOLDER = fileURLToPath(new URL("../.peers/", import.meta.url));
export const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
export const VERSIONS_FILE = path.join(PEERS_FOLDER, "versions.json");
export const PYTHON = path.join(
  PEERS_FOLDER,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

const versionsSchema = z.strictObject({
  /** The text of requirements.txt that was installed. */
  requirements: z.string(),
  /** Version of Python and of each required package, as the environment itself reports them. */
  versions: z.record(z.string(), z.string()),
});
export type InstalledPeers = z.infer<typeof versionsSchema>;

/** What is installed; null if nothing is, or something other than requirements.txt asks for. */
export function installedPeers(): InstalledPeers | null {
  if (!existsSync(PYTHON) || !existsSync(VERSIONS_FILE)) return null;
  const installed = versionsSchema.parse(JSON.parse(readFileSync(VERSIONS_FILE, "utf8")));
  return installed.requirements === readFileSync(REQUIREMENTS, "utf8") ? installed : null;
}

export function requirePeers(): InstalledPeers {
  const installed = installedPeers();
  if (installed === null) {
    throw new Error(
      "The peers of requirements.txt are not installed. Run `node bench/peers/setup.ts` first.",
    );
  }
  return installed;
}
