/** `npm run screenshots`: pictures of every page of the viewer, light and dark, into docs/images. `--runs DIR` shows other runs than those of `npm run results`, `--only NAME` makes one. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { findChromium } from "../test/e2e/support/chromium.ts";
import { startView } from "../test/e2e/support/view.ts";
import { choose } from "./screenshots/chosen.ts";
import { shotsOf } from "./screenshots/shots.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: path.join(root, ".cache/results") },
    out: { type: "string", default: path.join(root, "docs/images") },
    only: { type: "string" },
  },
});
const PATIENCE_MS = 120_000;

const executablePath = findChromium();
if (executablePath === null) throw new Error("there is no Chromium: install it, or name it with CHROMIUM");
await mkdir(values.out, { recursive: true });
// the page names the folder as it was named to the command
const shown = path.resolve(values.runs);
await using view = await startView({ folder: path.basename(shown), cwd: path.dirname(shown) });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const shots = shotsOf(await choose(view)).filter(({ name }) => (values.only ?? name) === name);
  for (const { name, at, size = { width: 1280, height: 800 }, ready } of shots) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: "reduce" });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(view.url + at + new URL(view.link).hash);
      // the scroll bar, for which the page keeps room, is not in the picture
      await page.evaluate("document.documentElement.style.scrollbarGutter = 'auto'");
      await ready(page);
      await page.waitForLoadState("networkidle");
      await page.mouse.move(0, 0);
      const file = path.join(values.out, `view-${name}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      console.log(path.relative(root, file));
      await context.close();
    }
  }
} finally {
  await browser.close();
}
