import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runInProcess } from "../../../test/support/cli-in-process.ts";
import { makeReportRun } from "../../../test/support/report-run.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { register } from "../report.ts";

let folder: TemporaryFolder;
let run: string;
const inFolder = (name: string) => path.join(folder.path, name);
const report = (...args: string[]) => runInProcess({ register, args: ["report", run, ...args] });

beforeEach(async () => {
  folder = await temporaryFolder();
  run = inFolder("run");
  makeReportRun({ dir: run }).close();
});

afterEach(() => folder[Symbol.asyncDispose]());

it("writes the page, Markdown with its figures beside it, and each figure three times", async () => {
  const [html, md, figures] = [inFolder("out.html"), inFolder("deep/out.md"), inFolder("figures")];
  const { code, stdout } = await report("--html", html, "--md", md, "--figures", figures);
  expect(code).toBe(0);
  expect(stdout).toBe(`${html}, ${md}, ${figures}: 1 run, 7 figures\n`);
  expect(readFileSync(html, "utf8")).toMatch(/^<!doctype html>/);
  const links = [...readFileSync(md, "utf8").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(
    ([, link = ""]) => link,
  );
  expect(links).toHaveLength(7);
  for (const link of links) expect(existsSync(path.join(path.dirname(md), link)), link).toBe(true);
  const names = readdirSync(figures);
  expect(names).toHaveLength(21);
  const endings = Map.groupBy(names, (name) => path.extname(name));
  expect([...endings.values()].map((each) => each.length)).toEqual([7, 7, 7]);
});

it("prints the same JSON with and without files", async () => {
  const plain = await report("--json");
  const withFile = await report("--json", "--html", inFolder("out.html"));
  expect(JSON.parse(withFile.stdout)).toEqual(JSON.parse(plain.stdout));
});

it("takes the place of an earlier report, and of no other file", async () => {
  const html = inFolder("out.html");
  await report("--html", html);
  expect((await report("--html", html)).code).toBe(0);
  const mine = inFolder("mine.html");
  writeFileSync(mine, "<!doctype html>\nmy own");
  const refused = await report("--html", mine);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("CONFIG_INVALID");
  expect(readFileSync(mine, "utf8")).toBe("<!doctype html>\nmy own");
});

it("a file that can't be written is an error with a code", async () => {
  const { code, stderr } = await report("--figures", path.join(run, "run.sqlite"));
  expect(code).not.toBe(0);
  expect(stderr).toContain("CONFIG_INVALID");
});
