import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readAppFiles } from "./app-files.ts";

test("an app that was not built is refused with the command that builds it", async () => {
  await using folder = await temporaryFolder();
  expect(() => readAppFiles({ folder: folder.path })).toThrow("npm run build:web");
});

test("files go by their paths in the folder, with the types that browsers insist on", async () => {
  await using folder = await temporaryFolder();
  mkdirSync(path.join(folder.path, "assets"));
  for (const file of ["index.html", "icon.svg", "assets/a-1.js", "assets/a-1.css", "assets/a.bin"]) {
    writeFileSync(path.join(folder.path, file), file);
  }
  const { index, byPath } = readAppFiles({ folder: folder.path });
  expect(new TextDecoder().decode(index.bytes)).toBe("index.html");
  expect(
    Object.fromEntries(Array.from(byPath, ([name, { type, isHashed }]) => [name, [type, isHashed]])),
  ).toEqual({
    "/index.html": ["text/html; charset=utf-8", false],
    "/icon.svg": ["image/svg+xml", false],
    "/assets/a-1.js": ["text/javascript; charset=utf-8", true],
    "/assets/a-1.css": ["text/css; charset=utf-8", true],
    "/assets/a.bin": ["application/octet-stream", true],
  });
});
