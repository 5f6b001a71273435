import { createHash } from "node:crypto";
import { mkdir, readdir, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { hashFile, rememberFileHash } from "./file-hash.ts";

const FAKE = "0".repeat(64);
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("the hash is SHA-256 of the content, remembered or not", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      await writeFile(path, bytes);
      expect(await hashFile({ path, cacheDir: folder.path })).toBe(sha256(bytes));
      expect(await hashFile({ path, cacheDir: folder.path })).toBe(sha256(bytes));
    }),
    { numRuns: 25 },
  );
});

test("a file that didn't change is not read again, through a link either", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const link = join(folder.path, "link");
  await writeFile(path, "content");
  await symlink(path, link);
  await rememberFileHash({ path, cacheDir: folder.path, sha256: FAKE });
  expect(await hashFile({ path, cacheDir: folder.path })).toBe(FAKE);
  expect(await hashFile({ path: link, cacheDir: folder.path })).toBe(FAKE);
});

test("a file of another size or time is read again", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, "content");
  await rememberFileHash({ path, cacheDir: folder.path, sha256: FAKE });
  await utimes(path, 1, 1);
  expect(await hashFile({ path, cacheDir: folder.path })).toBe(sha256("content"));
  await rememberFileHash({ path, cacheDir: folder.path, sha256: FAKE });
  await truncate(path, 3);
  expect(await hashFile({ path, cacheDir: folder.path })).toBe(sha256("con"));
});

test("a damaged memory is replaced, and no temporary file stays", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, "content");
  await writeFile(join(folder.path, "file-hashes.json"), '{"version":1,"hashes":{"x":3}}');
  expect(await hashFile({ path, cacheDir: folder.path })).toBe(sha256("content"));
  await rememberFileHash({ path, cacheDir: folder.path, sha256: FAKE });
  expect(await hashFile({ path, cacheDir: folder.path })).toBe(FAKE);
  expect((await readdir(folder.path)).sort()).toEqual(["file", "file-hashes.json"]);
});

test("a cache directory that can't be written doesn't cost the answer", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, "content");
  await mkdir(join(folder.path, "cache", "file-hashes.json"), { recursive: true });
  expect(await hashFile({ path, cacheDir: join(folder.path, "cache") })).toBe(sha256("content"));
  expect(await readdir(join(folder.path, "cache"))).toEqual(["file-hashes.json"]);
});

test("a missing file is the system's error", async () => {
  await using folder = await temporaryFolder();
  await expect(hashFile({ path: join(folder.path, "no"), cacheDir: folder.path })).rejects.toThrow("ENOENT");
});
