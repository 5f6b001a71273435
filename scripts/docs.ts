/** `npm run docs`: writes the pages that are made from the program itself. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { apiOfSources } from "./docs/api-of-sources.ts";
import { wholeProgram } from "./docs/command-tree.ts";
import { commandsPage } from "./docs/commands-page.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("commands.md", docs), commandsPage(await wholeProgram()));
const api = new URL("api/", docs);
const pages = apiOfSources();
rmSync(api, { recursive: true, force: true });
mkdirSync(api);
for (const { file, text } of pages) writeFileSync(new URL(file, api), text);
