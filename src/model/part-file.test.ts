import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { claimPartFile } from "./part-file.ts";

test("of two claims at once only one may be resumed, and they are different files", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "deep", "model.gguf");
  {
    await using first = await claimPartFile(target);
    await using second = await claimPartFile(target);
    expect(first).toMatchObject({ path: `${target}.part`, resumable: true });
    expect(second.resumable).toBe(false);
    expect(second.path).not.toBe(first.path);
    await writeFile(first.path, "kept");
    await writeFile(second.path, "dropped");
  }
  expect(await readdir(join(folder.path, "deep"))).toEqual(["model.gguf.part"]);
});

test.each(["", "nonsense", `${hostname()} 999999999`])(
  "the lock of a process that is gone (%j) is taken over",
  async (owner) => {
    await using folder = await temporaryFolder();
    const target = join(folder.path, "model.gguf");
    await writeFile(`${target}.part.lock`, owner);
    await using part = await claimPartFile(target);
    expect(part.resumable).toBe(true);
  },
);

test("the lock of another machine is respected", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "model.gguf");
  await writeFile(`${target}.part.lock`, "elsewhere.example 999999999");
  {
    await using part = await claimPartFile(target);
    expect(part.resumable).toBe(false);
  }
  expect(existsSync(`${target}.part.lock`)).toBe(true);
});
