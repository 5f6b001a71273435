import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startHub } from "../../test/support/hub-server.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { fetchFromHub } from "./hub-source.ts";
import type { PullProgress } from "./progress.ts";
import type { HubSource } from "./registry.ts";

const content = Buffer.from("these are weights ".repeat(1000));
const sha256 = createHash("sha256").update(content).digest("hex");
const source: HubSource = {
  repo: "some/repo",
  revision: "abc",
  file: "m.gguf",
  sha256,
  size: content.length,
};
const path = "/some/repo/resolve/abc/m.gguf";

test("the file lies at its place once verified, and nothing else is left", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const targetPath = join(folder.path, "models", "m.gguf");
  const seen: PullProgress[] = [];
  const onProgress = (progress: PullProgress) => void seen.push(progress);
  expect(await fetchFromHub({ source, targetPath, hubUrl: hub.url, onProgress })).toBe(sha256);
  expect((await readFile(targetPath)).equals(content)).toBe(true);
  expect(await readdir(dirname(targetPath))).toEqual(["m.gguf"]);
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(["connect", "download", "verify"]);
  expect(seen.at(-1)).toEqual({
    source: "hub",
    phase: "verify",
    done: content.length,
    total: content.length,
  });
});

test("without a hash in the registry the hub's LFS hash is what counts", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const targetPath = join(folder.path, "m.gguf");
  const unknown = { ...source, sha256: null, size: null };
  expect(await fetchFromHub({ source: unknown, targetPath, hubUrl: hub.url })).toBe(sha256);
  expect(hub.seen[0]).toMatchObject({ method: "POST", url: "/api/models/some/repo/paths-info/abc" });
});

test("a wrong checksum is refused and the bad file removed", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const targetPath = join(folder.path, "m.gguf");
  const wrong = { ...source, sha256: "0".repeat(64) };
  const work = fetchFromHub({ source: wrong, targetPath, hubUrl: hub.url });
  await expect(work).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH", facts: { actual: sha256 } });
  expect(await readdir(folder.path)).toEqual([]);
});

test("a part of other bytes is found out and the file fetched once more from the start", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const targetPath = join(folder.path, "m.gguf");
  await mkdir(folder.path, { recursive: true });
  await writeFile(`${targetPath}.part`, Buffer.alloc(5000));
  expect(await fetchFromHub({ source, targetPath, hubUrl: hub.url })).toBe(sha256);
  expect((await readFile(targetPath)).equals(content)).toBe(true);
});

test("a token goes to the hub and not to the server that it redirects to", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const options = { source, targetPath: join(folder.path, "m.gguf"), hubUrl: hub.url, hubToken: "hf_secret" };
  await fetchFromHub(options);
  const sent = hub.seen.map(({ host, authorization }) => [host, authorization]);
  expect(sent).toEqual([
    ["hub", "Bearer hf_secret"],
    ["files", null],
  ]);
});

test.each([
  ["known", sha256],
  ["asked for", null],
])("a gated repository is told from a broken network when the hash is %s", async (_, hash) => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content, hubStatus: 401 });
  const gated = { ...source, sha256: hash };
  const work = fetchFromHub({ source: gated, targetPath: join(folder.path, "m.gguf"), hubUrl: hub.url });
  await expect(work).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    facts: { status: 401 },
    why: expect.stringContaining("gated"),
  });
});

test("two pulls at once both end with the right file", async () => {
  await using folder = await temporaryFolder();
  await using hub = await startHub({ path, content });
  const options = { source, targetPath: join(folder.path, "m.gguf"), hubUrl: hub.url };
  expect(await Promise.all([fetchFromHub(options), fetchFromHub(options)])).toEqual([sha256, sha256]);
  expect(await readdir(folder.path)).toEqual(["m.gguf"]);
});
