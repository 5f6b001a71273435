import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { runInProcess } from "../../test/support/cli-in-process.ts";
import { makeReportRun } from "../../test/support/report-run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { runListSchema } from "../server/viewer/api/runs.ts";
import { TOKEN_HEADER } from "../server/viewer/api/session.ts";
import { openBrowser } from "./view/open-browser.ts";
import { register } from "./view.ts";

const announcedSchema = z.object({ url: z.string(), link: z.string(), port: z.number(), pid: z.number() });

test("view prints a link whose token opens what changes things, serves the built app, and ends with Ctrl-C", async () => {
  await using folder = await temporaryFolder();
  makeReportRun({ dir: path.join(folder.path, "one") }).close();
  const args = ["bin/countersteer.js", "--json", "view", folder.path, "--no-playground"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let said = "";
  for await (const part of child.stdout) {
    said += String(part);
    if (said.includes("\n")) break;
  }
  const { url, link } = announcedSchema.parse(JSON.parse(said));
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  const index = await (await fetch(url)).text();
  const [, script = ""] = /<script [^>]*src="([^"]+)"/.exec(index) ?? [];
  expect((await fetch(url + script)).headers.get("content-type")).toContain("text/javascript");
  const { runs } = runListSchema.parse(await (await fetch(`${url}/api/runs`)).json());
  expect(runs.map(({ name }) => name)).toEqual(["one"]);
  const check = (token: string) =>
    fetch(`${url}/api/session/check`, { method: "POST", headers: { [TOKEN_HEADER]: token } });
  expect((await check(link.split("#token=")[1] ?? "")).status).toBe(204);
  expect((await check("another")).status).toBe(401);
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
});

test("a folder that is not there is refused before anything listens", async () => {
  const { code, stdout } = await runInProcess({ register, args: ["view", "/no/such/folder", "--json"] });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "CONFIG_INVALID" } });
});

test("the browser is given a file of this user alone that leads to the link, so that no list of processes shows the token", async () => {
  await using folder = await temporaryFolder();
  const kept = path.join(folder.path, "arguments.json");
  const note = `require("fs").writeFileSync(${JSON.stringify(kept)}, JSON.stringify(process.argv.slice(1)))`;
  const link = "http://127.0.0.1:1/#token=secret";
  const opened = await openBrowser({ link, opener: [process.execPath, "-e", note, "--"] });
  expect(opened.isOpen).toBe(true);
  const [file = ""] = z.array(z.string()).parse(JSON.parse(readFileSync(kept, "utf8")));
  expect(file).not.toContain("secret");
  expect(readFileSync(file, "utf8")).toContain(link);
  expect(statSync(file).mode & 0o077).toBe(0);
  opened.forget();
  expect(existsSync(file)).toBe(false);
  const none = await openBrowser({ link, opener: [path.join(folder.path, "no-such-browser")] });
  expect(none.isOpen).toBe(false);
  none.forget();
});
