import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { RunShelf, runVersion } from "./run-shelf.ts";

function put(...parts: string[]): string {
  const dir = path.join(...parts);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "run.sqlite"), "");
  return dir;
}

test("runs are found at any depth up to the bound, and not in hidden folders, within a run, or behind links", async () => {
  await using folder = await temporaryFolder();
  const root = path.join(folder.path, "root");
  put(root, "a");
  put(root, "b", "c", "d", "e");
  put(root, "b", "c", "d", "f", "too-deep");
  put(root, ".hidden", "run");
  put(root, "node_modules", "run");
  put(root, "a", "within");
  symlinkSync(put(folder.path, "outside"), path.join(root, "link"));
  symlinkSync(root, path.join(root, "b", "loop"));
  const shelf = new RunShelf({ root });
  expect(shelf.scan().map(({ name }) => name)).toEqual(["a", "b/c/d/e"]);
});

test("a folder that is a run shows itself, under its name", async () => {
  await using folder = await temporaryFolder();
  const root = put(folder.path, "the-run");
  const [run] = new RunShelf({ root }).scan();
  expect([run?.name, run?.dir]).toEqual(["the-run", root]);
});

test("an id names the same place at every start, and says nothing of it", async () => {
  await using folder = await temporaryFolder();
  const dir = put(folder.path, "a");
  put(folder.path, "b");
  const ids = () => new RunShelf({ root: folder.path }).scan().map(({ id }) => id);
  expect(ids()).toEqual(ids());
  expect(new Set(ids()).size).toBe(2);
  for (const id of ids()) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(new RunShelf({ root: folder.path }).idOf(dir)).toBe(ids()[0]);
});

test("a new run is found by its id without a scan being asked for, and unknown ids don't scan every time", async () => {
  await using folder = await temporaryFolder();
  let now = 0;
  const shelf = new RunShelf({ root: folder.path, now: () => now });
  expect(() => shelf.run("0000000000000000")).toThrow("There is no such run.");
  const id = shelf.idOf(put(folder.path, "new"));
  expect(() => shelf.run(id)).toThrow("There is no such run.");
  now = 1000;
  expect(shelf.run(id).name).toBe("new");
});

test("a run's version changes with every write to its files", async () => {
  await using folder = await temporaryFolder();
  const dir = put(folder.path, "a");
  const versions = new Set([runVersion({ dir })]);
  appendFileSync(path.join(dir, "run.sqlite-wal"), "1");
  versions.add(runVersion({ dir }));
  appendFileSync(path.join(dir, "run.sqlite-wal"), "2");
  versions.add(runVersion({ dir }));
  appendFileSync(path.join(dir, "run.sqlite"), "3");
  versions.add(runVersion({ dir }));
  expect(versions.size).toBe(4);
  expect(runVersion({ dir: path.join(folder.path, "nothing") })).toBe(null);
});
