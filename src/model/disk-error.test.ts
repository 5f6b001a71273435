import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { platform } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { fileError } from "./disk-error.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("what the system refuses is FILE_ACCESS with the path", async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, "file");
  writeFileSync(file, "");
  for (const work of [() => mkdirSync(path.join(file, "a")), () => openSync(folder.path, "w")]) {
    const error = fileError(thrownBy(work));
    expect(error?.code).toBe("FILE_ACCESS");
    expect(error?.why).toMatch(/^The system said: E[A-Z]+: /);
  }
});

test.skipIf(platform() !== "linux")(
  "a write that finds no room is DISK_FULL, though it names no path",
  () => {
    const full = openSync("/dev/full", "w");
    expect(fileError(thrownBy(() => writeSync(full, "a")))?.code).toBe("DISK_FULL");
  },
);

test("other errors are left as they are", async () => {
  expect(fileError(new TypeError("no"))).toBeNull();
  expect(fileError("no")).toBeNull();
  const [error] = await once(spawn("./no-such-program"), "error").catch((thrown: unknown) => [thrown]);
  expect(error).toMatchObject({ code: "ENOENT" });
  expect(fileError(error)).toBeNull();
});
