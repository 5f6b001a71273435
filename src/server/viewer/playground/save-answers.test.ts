import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { saveAnswers } from "./save-answers.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "countersteer-save-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const save = (folder: string, name: string) => () =>
  saveAnswers({ answers: [], folder, name, now: () => new Date(0) });

test("nothing is written where something lies already, not even through a link that leads nowhere", () => {
  const folder = path.join(root, "runs");
  mkdirSync(path.join(folder, "taken"), { recursive: true });
  symlinkSync(path.join(root, "elsewhere"), path.join(folder, "link"));
  for (const name of ["taken", "link"]) expect(save(folder, name)).toThrow(/There is something called/);
  expect(readdirSync(root)).toEqual(["runs"]);
  expect(readdirSync(path.join(folder, "taken"))).toEqual([]);
});

test("a run is not written into a run", () => {
  const folder = path.join(root, "runs", "run");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "run.sqlite"), "");
  expect(save(folder, "new")).toThrow(/is a run itself/);
  expect(readdirSync(folder)).toEqual(["run.sqlite"]);
});
