import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wholeProgram } from "./command-tree.ts";
import { commandsPage } from "./commands-page.ts";

test("docs/commands.md is the help of every command: `npm run docs` writes it", async () => {
  const page = readFileSync(new URL("../../docs/commands.md", import.meta.url), "utf8");
  expect(page).toBe(commandsPage(await wholeProgram()));
});

test("a command's name is its heading, so that links to it hold", async () => {
  const page = commandsPage(await wholeProgram());
  const headings = new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, name = ""]) => name.replaceAll(" ", "-")),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, name]) => name);
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((name) => name === undefined || !headings.has(name))).toEqual([]);
});
